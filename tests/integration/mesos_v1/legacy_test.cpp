// The older endpoints of the master: shapes, filters, forms and their refusals [mesos-core 4.5,
// 4.7, 4.8, 1.6].
#include "tests/integration/mesos_v1/operator.h"

#include <algorithm>

namespace ekiden::mesos_v1 {
namespace {

struct Legacy : OperatorCluster {
  Legacy() { start_master(); }

  Answer post(const std::string& path, const std::string& body) {
    return call("POST", master + path, body, kForm);
  }
};

TEST_F(Legacy, AnswersUnderItsOldNamesToo) {
  for (const std::string path : {"/state",
                                 "/state-summary",
                                 "/slaves",
                                 "/frameworks",
                                 "/tasks",
                                 "/roles",
                                 "/weights",
                                 "/quota",
                                 "/flags",
                                 "/version",
                                 "/maintenance/schedule",
                                 "/maintenance/status"}) {
    const Answer plain = call("GET", master + path);
    EXPECT_EQ(plain.status, 200) << path;
    EXPECT_EQ(plain.headers.get("Content-Type"), "application/json") << path;
    EXPECT_TRUE(json::parse(plain.body)) << path;
    EXPECT_EQ(call("GET", master + "/master" + path).status, 200) << path;
    EXPECT_EQ(call("GET", master + path + ".json").status, 200) << path;
    EXPECT_EQ(call("GET", master + "/master" + path + ".json").status, 200) << path;
    const Answer wrapped = call("GET", master + path + "?jsonp=back");
    EXPECT_EQ(wrapped.headers.get("Content-Type"), "text/javascript") << path;
    EXPECT_TRUE(wrapped.body.starts_with("back(")) << path;
  }
  EXPECT_EQ(call("GET", master + "/state?jsonp=alert(1)").status, 400);
  EXPECT_EQ(call("GET", master + "/nowhere").status, 404);
  EXPECT_EQ(call("POST", master + "/state").status, 405);
  EXPECT_EQ(call("GET", master + "/registrar(1)/registry").status, 200);
}

TEST_F(Legacy, AnswersHealthToAnyMethod) {
  for (const char* method : {"GET", "POST", "PUT", "DELETE"}) {
    const Answer answer = call(method, master + "/health");
    EXPECT_EQ(answer.status, 200) << method;
    EXPECT_EQ(answer.body, "") << method;
  }
}

TEST_F(Legacy, StateHasEveryMember) {
  start_agent(1);
  agent_id();
  const json::Value state = get_json(master + "/state");
  for (const char* name : {"version",
                           "build_date",
                           "build_time",
                           "build_user",
                           "start_time",
                           "elected_time",
                           "id",
                           "pid",
                           "hostname",
                           "capabilities",
                           "activated_slaves",
                           "deactivated_slaves",
                           "unreachable_slaves",
                           "leader",
                           "leader_info",
                           "flags",
                           "slaves",
                           "recovered_slaves",
                           "frameworks",
                           "completed_frameworks",
                           "orphan_tasks",
                           "unregistered_frameworks"}) {
    EXPECT_NE(state.find(name), nullptr) << name;
  }
  EXPECT_TRUE(state["activated_slaves"].is_double());
  EXPECT_EQ(state["activated_slaves"].as_double(), 1.0);
  const json::Value& slave = state["slaves"].as_array().at(0);
  for (const char* name : {"id",
                           "hostname",
                           "port",
                           "attributes",
                           "pid",
                           "registered_time",
                           "resources",
                           "used_resources",
                           "offered_resources",
                           "reserved_resources",
                           "unreserved_resources",
                           "active",
                           "deactivated",
                           "version",
                           "capabilities"}) {
    EXPECT_NE(slave.find(name), nullptr) << name;
  }
  for (const char* name : {"cpus", "gpus", "mem", "disk"}) {
    EXPECT_TRUE(slave["resources"][name].is_number()) << name;
  }
  EXPECT_EQ(slave["resources"]["ports"].as_string(), "[31000-31999]");
  EXPECT_TRUE(slave["pid"].as_string().starts_with("slave(1)@"));
}

TEST_F(Legacy, FiltersByParameters) {
  start_agent(1);
  const std::string agent = agent_id();
  Process framework({FRAMEWORK, master, "3"}, folder.path() + "/fw.log");
  const auto tasks = [&](const std::string& query) {
    return get_json(master + "/tasks" + query)["tasks"].as_array();
  };
  ASSERT_TRUE(until([&] {
    const json::Array all = tasks("");
    return all.size() == 3 && std::all_of(all.begin(), all.end(), [](const json::Value& task) {
             return task["state"].as_string() == "TASK_RUNNING";
           });
  }));
  EXPECT_EQ(tasks("?limit=2").size(), 2U);
  EXPECT_EQ(tasks("?offset=2").size(), 1U);
  EXPECT_EQ(tasks("?offset=3").size(), 0U);
  const std::string id(tasks("")[0]["id"].as_string());
  EXPECT_EQ(tasks("?task_id=" + id).size(), 1U);
  EXPECT_EQ(tasks("?task_id=none").size(), 0U);
  EXPECT_EQ(tasks("?framework_id=none").size(), 0U);
  EXPECT_EQ(tasks("?order=asc").front()["id"], tasks("?order=desc").back()["id"]);
  EXPECT_EQ(get_json(master + "/slaves?slave_id=" + agent)["slaves"].as_array().size(), 1U);
  EXPECT_EQ(get_json(master + "/slaves?slave_id=x")["slaves"].as_array().size(), 0U);
  EXPECT_EQ(get_json(master + "/frameworks?framework_id=x")["frameworks"].as_array().size(), 0U);
  const json::Value summary = get_json(master + "/state-summary");
  const json::Value& slave = summary["slaves"].as_array().at(0);
  EXPECT_EQ(slave["framework_ids"].as_array().size(), 1U);
  EXPECT_EQ(summary["frameworks"].as_array().at(0)["slave_ids"].as_array().size(), 1U);
}

TEST_F(Legacy, TakesFormsAndSaysWhatIsMissing) {
  for (const char* path :
       {"/reserve", "/unreserve", "/create-volumes", "/destroy-volumes", "/teardown"}) {
    EXPECT_EQ(post(path, "").status, 400) << path;
    EXPECT_EQ(call("GET", master + path).status, 405) << path;
  }
  EXPECT_EQ(post("/reserve", "slaveId=x").status, 400);
  EXPECT_EQ(post("/reserve", "slaveId=x&resources=nonsense").status, 400);
  EXPECT_EQ(post("/reserve", "slaveId=x&resources=%5B%5D").status, 400);
  EXPECT_EQ(post("/teardown", "frameworkId=nobody").status, 400);
}

TEST_F(Legacy, ReservesByForm) {
  start_agent(1);
  const std::string agent = agent_id();
  const std::string form = "slaveId=" + agent + "&resources=" +
                           percent_encode(R"([{"name":"mem","type":"SCALAR","scalar":{"value":64},)"
                                          R"("reservations":[{"type":"DYNAMIC","role":"web"}]}])");
  const Answer reserved = post("/reserve", form);
  EXPECT_EQ(reserved.status, 202) << reserved.body;
  EXPECT_EQ(post("/master/unreserve", form).status, 202);
}

TEST_F(Legacy, TearsDownByForm) {
  start_agent(1);
  agent_id();
  Process framework({FRAMEWORK, master, "1"}, folder.path() + "/fw.log");
  std::string id;
  ASSERT_TRUE(until([&] {
    const auto frameworks = get_json(master + "/frameworks")["frameworks"];
    id = frameworks.as_array().empty() ? "" : frameworks.as_array()[0]["id"].as_string();
    return !id.empty();
  }));
  framework.end(SIGKILL);
  EXPECT_EQ(post("/teardown", "frameworkId=" + percent_encode(id)).status, 200);
  EXPECT_TRUE(until([&] {
    return get_json(master + "/frameworks")["completed_frameworks"].as_array().size() == 1;
  }));
}

TEST_F(Legacy, KeepsWeightsAndQuotas) {
  const auto put = [&](const std::string& body) {
    return call("PUT", master + "/weights", body, kJson).status;
  };
  EXPECT_EQ(put("nonsense"), 400);
  EXPECT_EQ(put(R"([{"role":"a b","weight":1}])"), 400);
  EXPECT_EQ(put(R"([{"role":"web","weight":-1}])"), 400);
  EXPECT_EQ(put(R"([{"role":"web","weight":2}])"), 200);
  EXPECT_EQ(get_json(master + "/weights").as_array().at(0)["weight"].as_double(), 2.0);
  const std::string quota =
      R"({"role":"web","force":true,"guarantee":[{"name":"cpus","type":"SCALAR","scalar":{"value":1}}]})";
  EXPECT_EQ(call("POST", master + "/quota", "nonsense", kJson).status, 400);
  EXPECT_EQ(call("POST", master + "/quota", quota, kJson).status, 200);
  EXPECT_EQ(call("POST", master + "/quota", quota, kJson).status, 400);  // there is one already
  EXPECT_EQ(get_json(master + "/quota")["infos"].as_array().at(0)["role"].as_string(), "web");
  EXPECT_EQ(call("DELETE", master + "/quota/web").status, 200);
  EXPECT_EQ(call("DELETE", master + "/quota/web").status, 400);
  EXPECT_EQ(call("DELETE", master + "/quota").status, 400);
}

TEST_F(Legacy, KeepsAMaintenanceSchedule) {
  const std::string machine = R"({"hostname":"m1","ip":"10.9.9.9"})";
  const std::string schedule =
      R"({"windows":[{"machine_ids":[)" + machine +
      R"(],"unavailability":{"start":{"nanoseconds":4000000000000000000}}}]})";
  const auto send = [&](const std::string& path, const std::string& body) {
    return call("POST", master + path, body, kJson).status;
  };
  EXPECT_EQ(send("/maintenance/schedule", "nonsense"), 400);
  EXPECT_EQ(send("/maintenance/schedule",
                 R"({"windows":[{"machine_ids":[],"unavailability":)"
                 R"({"start":{"nanoseconds":1}}}]})"),
            400);
  EXPECT_EQ(send("/machine/down", "[" + machine + "]"), 400);  // not in the schedule
  EXPECT_EQ(send("/maintenance/schedule", schedule), 200);
  EXPECT_EQ(get_json(master + "/maintenance/schedule")["windows"].as_array().size(), 1U);
  const auto status = [&] { return get_json(master + "/maintenance/status"); };
  EXPECT_EQ(status()["draining_machines"].as_array().size(), 1U);
  EXPECT_EQ(send("/machine/up", "[" + machine + "]"), 400);  // not down
  EXPECT_EQ(send("/machine/down", "[" + machine + "]"), 200);
  EXPECT_EQ(status()["down_machines"].as_array().size(), 1U);
  EXPECT_EQ(send("/machine/up", "[" + machine + "]"), 200);
  EXPECT_TRUE(status()["down_machines"].as_array().empty());
}

TEST_F(Legacy, CountsWhatDashboardsRead) {
  start_agent(1);
  agent_id();
  Process framework({FRAMEWORK, master, "2"}, folder.path() + "/fw.log");
  json::Value shown;
  EXPECT_TRUE(until([&] {
    shown = get_json(master + "/metrics/snapshot");
    return shown["master/tasks_running"].as_double() == 2;
  }));
  for (const char* name : {"master/elected",
                           "master/uptime_secs",
                           "master/cpus_total",
                           "master/cpus_used",
                           "master/cpus_percent",
                           "master/mem_total",
                           "master/cpus_revocable_total",
                           "master/slaves_active",
                           "master/slaves_unreachable",
                           "master/slave_registrations",
                           "master/frameworks_active",
                           "master/outstanding_offers",
                           "master/tasks_finished",
                           "master/tasks_dropped",
                           "master/messages_launch_tasks",
                           "master/messages_register_slave",
                           "master/valid_status_updates",
                           "master/dropped_messages",
                           "master/operator_event_stream_subscribers",
                           "registrar/queued_operations",
                           "allocator/mesos/resources/cpus/total",
                           "system/cpus_total",
                           "system/load_1min",
                           "system/mem_free_bytes"}) {
    EXPECT_TRUE(shown[name].is_number()) << name;
  }
  EXPECT_EQ(shown["master/slaves_active"].as_double(), 1.0);
  EXPECT_EQ(shown["master/slave_registrations"].as_double(), 1.0);
  EXPECT_GE(shown["master/messages_launch_tasks"].as_double(), 1.0);
  EXPECT_GT(shown["master/cpus_used"].as_double(), 0.0);
  EXPECT_EQ(call("GET", master + "/metrics/snapshot?timeout=10secs").status, 200);
  EXPECT_EQ(call("GET", master + "/metrics/snapshot?timeout=soon").status, 400);
  const std::string id(
      get_json(master + "/frameworks")["frameworks"].as_array()[0]["id"].as_string());
  EXPECT_EQ(shown["master/frameworks/plain/" + id + "/subscribed"].as_double(), 1.0);
}

TEST_F(Legacy, PointsToTheLeader) {
  const Answer answer = call("GET", master + "/redirect");
  EXPECT_EQ(call("GET", master + "/redirect/state").status, 404);
  EXPECT_EQ(call("GET", master + "/master/redirect/state").status, 404);
  EXPECT_EQ(answer.status, 307);
  const auto location = std::string(answer.headers.get("Location").value_or(""));
  EXPECT_EQ("http:" + location, master);
}

TEST_F(Legacy, PacksLargeAnswersForThoseWhoCanUnpack) {
  const Answer plain = call("GET", master + "/metrics/snapshot");
  EXPECT_FALSE(plain.headers.get("Content-Encoding"));
  const Answer packed =
      call("GET", master + "/metrics/snapshot", "", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(packed.headers.get("Content-Encoding"), "gzip");
  EXPECT_LT(packed.body.size(), plain.body.size());
  const Answer small = call("GET", master + "/version", "", {{"Accept-Encoding", "gzip"}});
  EXPECT_FALSE(small.headers.get("Content-Encoding"));
}

TEST_F(Legacy, ShowsItsLogAndNothingElse) {
  for (const char* path : {"/files/browse", "/files/read", "/files/download"}) {
    EXPECT_EQ(call("GET", master + path).status, 400) << path;
    EXPECT_EQ(call("GET", master + path + "?path=/etc/passwd").status, 404) << path;
  }
  EXPECT_EQ(call("GET", master + "/files/debug").body, "{}");
  EXPECT_EQ(call("GET", master + "/files/../etc/passwd").status, 404);
  EXPECT_EQ(call("GET", master + "/logging/toggle?level=1").status, 400);
  EXPECT_EQ(call("POST", master + "/logging/toggle?level=x&duration=1secs").status, 400);
  EXPECT_EQ(call("POST", master + "/logging/toggle?level=1&duration=1secs").status, 200);
  EXPECT_EQ(call("GET", master + "/system/stats.json").status, 200);
}

TEST_F(Legacy, ReadsItsLogInPieces) {
  processes.clear();
  const std::string log = folder.path() + "/master.txt";
  std::ofstream(log) << "0123456789";
  master = start("master",
                 {"--port=0", "--work_dir=" + folder.path() + "/m2", "--external_log_file=" + log});
  EXPECT_EQ(get_json(master + "/files/read?path=/master/log")["offset"].as_int(), 10);
  const json::Value part = get_json(master + "/files/read?path=/master/log&offset=3&length=4");
  EXPECT_EQ(part["data"].as_string(), "3456");
  EXPECT_EQ(get_json(master + "/files/read?path=/master/log&offset=99")["data"].as_string(), "");
  EXPECT_EQ(call("GET", master + "/files/download?path=/master/log").body, "0123456789");
  const Answer answer = order("READ_FILE", R"({"path":"/master/log","offset":8})");
  const json::Value shown = json::parse(answer.body).value_or(json::Value());
  EXPECT_EQ(shown["read_file"]["size"].as_int(), 10);
  EXPECT_EQ(shown["read_file"]["data"].as_string(), base64_encode("89"));
}

}  // namespace
}  // namespace ekiden::mesos_v1
