#include "dns/http_api.h"

#include <gtest/gtest.h>

namespace ekiden::dns {
namespace {

class HttpApi : public testing::Test {
 protected:
  HttpApi() {
    ClusterState state;
    state.leader = HostPort{"127.0.0.7", 5050};
    state.agents["x-S0"] = {"x-S0", {"127.9.0.1", 5051}};
    state.frameworks["f1"] = {"f1", "Mara", "", ""};
    Task task;
    task.id = "plain.1";
    task.framework_id = "f1";
    task.agent_id = "x-S0";
    task.name = "plain";
    task.state = Task::State::running;
    task.ports = {{31005, 31005}};
    state.tasks[{"f1", "plain.1"}] = task;
    task.id = "plain.2";
    state.tasks[{"f1", "plain.2"}] = task;
    zone.apply(std::move(state));
    records = zone.publish(1234);
  }

  net::Response get(const std::string& path,
                    const std::string& method = "GET",
                    const std::string& accept = "") {
    const net::Handler api = http_api({options,
                                       zone,
                                       [this] { return records; },
                                       [] { return std::string("m 1\n"); },
                                       [] {
                                         return json::Value(json::Object{{"source", "none"}});
                                       }});
    net::Request request;
    request.method = method;
    request.path = path;
    if (!accept.empty()) {
      request.headers.set("Accept", accept);
    }
    net::Response got;
    api(request, net::Responder([&got](net::Response response) { got = std::move(response); }));
    return got;
  }

  Options options;
  Zone zone{RecordOptions{}};
  std::shared_ptr<const RecordSet> records;
};

TEST_F(HttpApi, PrintsAsMesosDns) {
  EXPECT_EQ(get("/v1/hosts/PLAIN.mara.mesos.").body,
            "[\n  {\n   \"host\": \"plain.mara.mesos.\",\n   \"ip\": \"127.9.0.1\"\n  }\n ]");
}

TEST_F(HttpApi, AnswersOneEmptyElementForNothing) {
  EXPECT_EQ(get("/v1/hosts/none.mesos").body,
            "[\n  {\n   \"host\": \"\",\n   \"ip\": \"\"\n  }\n ]");
  const auto services = json::parse(get("/v1/services/_none._tcp.mesos").body);
  ASSERT_TRUE(services);
  EXPECT_EQ(services->as_array().at(0)["port"].as_string("?"), "");
}

TEST_F(HttpApi, ListsServices) {
  const auto services = json::parse(get("/v1/services/_Plain._tcp.mara.mesos").body);
  ASSERT_TRUE(services);
  ASSERT_EQ(services->as_array().size(), 2u);
  const json::Value& one = services->as_array()[0];
  EXPECT_EQ(one["service"].as_string(), "_Plain._tcp.mara.mesos");
  EXPECT_EQ(one["ip"].as_string(), "127.9.0.1");
  EXPECT_EQ(one["port"].as_string(), "31005");
  EXPECT_TRUE(one["host"].as_string().ends_with("-s0.mara.slave.mesos."));
}

TEST_F(HttpApi, EnumeratesEachRecordOnce) {
  const auto all = json::parse(get("/v1/enumerate").body);
  ASSERT_TRUE(all);
  const json::Value& framework = (*all)["frameworks"].as_array().at(0);
  EXPECT_EQ(framework["name"].as_string(), "Mara");
  const json::Array& tasks = framework["tasks"].as_array();
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[0]["records"].as_array().size(), 8u);
  EXPECT_EQ(tasks[1]["records"].as_array().size(), 6u);  // the shared name's A records are known
  EXPECT_EQ(tasks[0]["records"].as_array()[0]["rtype"].as_string(), "A");
}

TEST_F(HttpApi, ListsTheWholeZone) {
  const auto zone_list = json::parse(get("/v1/axfr").body);
  ASSERT_TRUE(zone_list);
  EXPECT_EQ((*zone_list)["Serial"].as_int(), 1234);
  const json::Value& found = (*zone_list)["Records"]["As"]["leader.mesos."];
  EXPECT_EQ(found.as_array().at(0).as_string(), "127.0.0.7");
  EXPECT_EQ((*zone_list)["Records"]["SRVs"]["_leader._tcp.mesos."].as_array().at(0).as_string(),
            "leader.mesos.:5050");
  options.enumeration = Feature::off;
  EXPECT_EQ(get("/v1/axfr").status, 404);
  EXPECT_EQ(get("/v1/enumerate").status, 404);
}

TEST_F(HttpApi, MasksTheSecret) {
  options.user = "me";
  options.password = "hunter2";
  const net::Response response = get("/v1/config");
  EXPECT_EQ(response.body.find("hunter2"), std::string::npos);
  const auto config = json::parse(response.body);
  ASSERT_TRUE(config);
  EXPECT_EQ((*config)["SOAMname"].as_string(), "ns1.mesos.");
  EXPECT_EQ((*config)["IPSources"].as_array().size(), 3u);
}

TEST_F(HttpApi, AnswersOddRequests) {
  EXPECT_EQ(get("/v1/version", "POST").status, 405);
  EXPECT_EQ(get("/v1/version", "GET", "text/html").status, 406);
  EXPECT_EQ(get("/v1/version", "GET", "text/html, */*;q=0.1").status, 200);
  EXPECT_EQ(get("/v1/none").status, 404);
  EXPECT_EQ(get("/v1/hosts/a/ports").status, 501);
  EXPECT_EQ(get("/health").status, 200);
  records = std::make_shared<const RecordSet>();
  EXPECT_EQ(get("/health").status, 503);
  EXPECT_EQ(get("/v1/hosts/a").status, 503);
}

}  // namespace
}  // namespace ekiden::dns
