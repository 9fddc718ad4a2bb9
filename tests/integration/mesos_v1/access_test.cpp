// Who may do what: basic authentication in its realms, the rules of --acls, closed paths, and no
// secret anywhere [mesos-core 5.14, 1.7].
#include "tests/integration/mesos_v1/operator.h"

namespace ekiden::mesos_v1 {
namespace {

struct Access : OperatorCluster {
  // With the flags, and two principals: alice and bob.
  void begin(const std::vector<std::string>& flags) {
    std::ofstream(folder.path() + "/credentials")
        << R"({"credentials":[{"principal":"alice","secret":"s3cret-of-alice"},)"
        << R"({"principal":"bob","secret":"s3cret-of-bob"}]})";
    std::vector<std::string> all = {"--port=0",
                                    "--work_dir=" + folder.path() + "/m",
                                    "--credentials=" + folder.path() + "/credentials"};
    all.insert(all.end(), flags.begin(), flags.end());
    master = start("master", all);
  }

  static std::pair<std::string, std::string> as(const std::string& name,
                                                const std::string& secret) {
    return {"Authorization", "Basic " + base64_encode(name + ":" + secret)};
  }

  const std::pair<std::string, std::string> kAlice = as("alice", "s3cret-of-alice");
  const std::pair<std::string, std::string> kBob = as("bob", "s3cret-of-bob");

  Answer ask_as(const std::pair<std::string, std::string>& who, const std::string& body) {
    HeaderList headers = kJson;
    headers.push_back(who);
    return call("POST", master + "/api/v1", body, headers);
  }

  Answer subscribe_as(const HeaderList& who, const std::string& info) {
    HeaderList headers = kJson;
    headers.insert(headers.end(), who.begin(), who.end());
    std::optional<Answer> answer;
    net::Call request;
    request.method = "POST";
    request.url = master + "/api/v1/scheduler";
    request.body = R"({"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"u","name":"n")" +
                   info + "}}}";
    request.timeout = Duration{};
    for (const auto& [name, value] : headers) {
      request.headers.set(name, value);
    }
    std::string text;
    int status = 0;
    net::Headers got;
    request.on_headers = [&](int code, const net::Headers& all) {
      status = code;
      got = all;
    };
    request.on_chunk = [&](std::string_view bytes) { text += bytes; };
    bool ended = false;
    const auto id =
        client.send(std::move(request), [&](const Result<net::Response>&) { ended = true; });
    EXPECT_TRUE(until([&] { return ended || text.find("\"type\"") != std::string::npos; }));
    client.cancel(id);
    return {status, text, got};
  }
};

TEST_F(Access, AsksForASecretInEachRealmOfItsOwn) {
  begin({"--authenticate_http_readonly",
         "--authenticate_http_readwrite",
         "--authenticate_http_frameworks"});
  EXPECT_EQ(call("GET", master + "/health").status, 200);
  EXPECT_EQ(call("GET", master + "/version").status, 200);
  const Answer read = call("GET", master + "/state");
  EXPECT_EQ(read.status, 401);
  EXPECT_EQ(read.headers.get("WWW-Authenticate"), "Basic realm=\"mesos-master-readonly\"");
  EXPECT_EQ(call("GET", master + "/state", "", {kAlice}).status, 200);
  EXPECT_EQ(call("GET", master + "/state", "", {as("alice", "s3cret-of-bob")}).status, 401);
  EXPECT_EQ(call("GET", master + "/state", "", {as("alice", "")}).status, 401);
  EXPECT_EQ(
      call("GET", master + "/state", "", {as("alice", "s3cret-of-alices3cret-of-alice")}).status,
      401);
  EXPECT_EQ(call("GET", master + "/state", "", {as("nobody", "s3cret-of-alice")}).status, 401);
  EXPECT_EQ(call("GET", master + "/state", "", {{"Authorization", "Basic %%%"}}).status, 401);
  EXPECT_EQ(call("GET", master + "/state", "", {{"Authorization", "Bearer x"}}).status, 401);
  const Answer change = ask(R"({"type":"GET_HEALTH"})");
  EXPECT_EQ(change.status, 401);
  EXPECT_EQ(change.headers.get("WWW-Authenticate"), "Basic realm=\"mesos-master-readwrite\"");
  EXPECT_EQ(ask_as(kBob, R"({"type":"GET_HEALTH"})").status, 200);
  const Answer scheduler = call("GET", master + "/api/v1/scheduler");
  EXPECT_EQ(scheduler.status, 401);  // before the method is looked at
  EXPECT_EQ(scheduler.headers.get("WWW-Authenticate"), "Basic realm=\"mesos-master-scheduler\"");
}

TEST_F(Access, MakesThePrincipalTheFrameworks) {
  begin({"--authenticate_http_frameworks"});
  EXPECT_EQ(subscribe_as({}, "").status, 401);
  EXPECT_EQ(subscribe_as({kAlice}, R"(,"principal":"bob")").status, 400);
  EXPECT_EQ(subscribe_as({kAlice}, R"(,"failover_timeout":60.0)").status, 200);
  const json::Value frameworks = get_json(master + "/frameworks")["frameworks"];
  EXPECT_EQ(frameworks.as_array().at(0)["principal"].as_string(), "alice");
}

TEST_F(Access, LetsOnlyThoseActWhomTheRulesName) {
  begin({"--authenticate_http_readwrite",
         "--authenticate_http_readonly",
         "--authenticate_http_frameworks",
         R"(--acls={"update_weights":[{"principals":{"values":["alice"]},"roles":{"type":"ANY"}},)"
         R"({"principals":{"type":"ANY"},"roles":{"type":"NONE"}}],)"
         R"("view_flags":[{"principals":{"values":["bob"]},"flags":{"type":"NONE"}}],)"
         R"("register_frameworks":[{"principals":{"values":["bob"]},"roles":{"type":"NONE"}}]})"});
  const std::string weights =
      R"({"type":"UPDATE_WEIGHTS","update_weights":{"weight_infos":[{"role":"web","weight":2}]}})";
  EXPECT_EQ(ask_as(kBob, weights).status, 403);
  EXPECT_EQ(ask_as(kAlice, weights).status, 200);
  HeaderList bob = kJson;
  bob.push_back(kBob);
  EXPECT_EQ(call("PUT", master + "/weights", R"([{"role":"web","weight":3}])", bob).status, 403);
  EXPECT_EQ(ask_as(kBob, R"({"type":"GET_FLAGS"})").status, 403);
  EXPECT_EQ(ask_as(kAlice, R"({"type":"GET_FLAGS"})").status, 200);
  EXPECT_EQ(call("GET", master + "/flags", "", {kBob}).status, 403);
  const auto state = [&](const auto& who) {
    return json::parse(call("GET", master + "/state", "", {who}).body).value_or(json::Value());
  };
  EXPECT_EQ(state(kBob).find("flags"), nullptr);
  EXPECT_NE(state(kAlice).find("flags"), nullptr);
  const Answer refused = subscribe_as({kBob}, "");
  EXPECT_EQ(refused.status, 200);
  EXPECT_NE(refused.body.find("ERROR"), std::string::npos);
  EXPECT_NE(subscribe_as({kAlice}, "").body.find("SUBSCRIBED"), std::string::npos);
}

TEST_F(Access, HidesWhatAReaderMayNotSee) {
  begin(
      {"--authenticate_http_readonly",
       "--authenticate_http_frameworks",
       R"(--acls={"view_frameworks":[{"principals":{"values":["bob"]},"users":{"type":"NONE"}}]})"});
  EXPECT_EQ(subscribe_as({kAlice}, R"(,"failover_timeout":60.0)").status, 200);
  const auto count = [&](const auto& who) {
    return json::parse(call("GET", master + "/frameworks", "", {who}).body)
        .value_or(json::Value())["frameworks"]
        .as_array()
        .size();
  };
  EXPECT_EQ(count(kAlice), 1U);
  EXPECT_EQ(count(kBob), 0U);
}

TEST_F(Access, ClosesThePathsOfTheFirewall) {
  begin({R"(--firewall_rules={"disabled_endpoints":{"paths":["/files/browse","/roles"]}})"});
  EXPECT_EQ(call("GET", master + "/files/browse?path=/").status, 403);
  EXPECT_EQ(call("GET", master + "/roles").status, 403);
  EXPECT_EQ(call("GET", master + "/master/roles").status, 403);
  EXPECT_EQ(call("GET", master + "/state").status, 200);
}

TEST_F(Access, NeverShowsASecret) {
  begin({"--authenticate_http_readwrite"});
  ask_as(kAlice, R"({"type":"GET_HEALTH"})");
  ask_as(as("alice", "wrong-s3cret"), R"({"type":"GET_HEALTH"})");
  for (const char* path : {"/flags", "/state", "/metrics/snapshot", "/frameworks"}) {
    EXPECT_EQ(call("GET", master + path).body.find("s3cret"), std::string::npos) << path;
  }
  EXPECT_EQ(read_file(folder.path() + "/master.log").find("s3cret"), std::string::npos);
}

TEST_F(Access, RefusesToStartWithoutCredentialsToCompareWith) {
  Process without({EKIDEN,
                   "master",
                   "--port=0",
                   "--work_dir=" + folder.path() + "/m",
                   "--authenticate_http_readonly"},
                  folder.path() + "/refused.log");
  EXPECT_TRUE(until([&] {
    return read_file(folder.path() + "/refused.log").find("--credentials") != std::string::npos;
  }));
}

}  // namespace
}  // namespace ekiden::mesos_v1
