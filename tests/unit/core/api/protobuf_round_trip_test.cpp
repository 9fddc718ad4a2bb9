#include "core/api/executor.h"
#include "core/api/scheduler.h"
#include "core/json/json.h"
#include "core/protobuf/protobuf.h"
#include "tests/unit/core/api/protoc.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

// JSON -> value -> protobuf -> value -> JSON for every message; the protobuf between is held
// against protoc, which has only the numbers of mesos_v1.proto: it must know every field, and must
// make the very same bytes of what it read.
namespace ekiden::api {
namespace {

using json::kMesos;

// A line "7: ..." or "7 {": a field that protoc does not know.
bool has_unknown_field(const std::string& text) {
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    const std::size_t first = text.find_first_not_of(' ', at);
    if (first != std::string::npos && std::isdigit(static_cast<unsigned char>(text[first]))) {
      return true;
    }
  }
  return false;
}

template <class T>
void expect_round_trip(const char* message, const std::string& text) {
  const auto value = json::decode<T>(text, kMesos);
  ASSERT_TRUE(value) << value.error().message << "\n" << text;
  const std::string bytes = protobuf::to_protobuf(*value);
  const auto back = protobuf::from_protobuf<T>(bytes);
  ASSERT_TRUE(back) << back.error().message << "\n" << text;
  EXPECT_EQ(*back, *value) << text;
  EXPECT_EQ(json::encode(*back, kMesos), json::encode(*value, kMesos));

  const std::string seen = protoc_decode(message, bytes);
  EXPECT_FALSE(has_unknown_field(seen)) << seen;
  EXPECT_EQ(protoc_encode(message, seen), bytes) << seen;
}

const std::string kReserved =
    R"({"name":"disk","type":"SCALAR","scalar":{"value":1.5},"allocation_info":{"role":"a/b"},
        "provider_id":{"value":"p"},"reservations":[{"type":"DYNAMIC","role":"a","principal":"me",
        "labels":{"labels":[{"key":"k","value":"v"}]}}],"disk":{"persistence":{"id":"i",
        "principal":"me"},"volume":{"mode":"RW","container_path":"data","host_path":"/h"},
        "source":{"type":"MOUNT","mount":{"root":"/m"},"path":{"root":"/p"},"id":"d",
        "profile":"fast","vendor":"v","metadata":{"labels":[{"key":"k"}]}}},"revocable":{},"shared":{}})";
const std::string kStacked =
    R"({"name":"gpus","type":"SET","set":{"item":["g0","g1"]},"reservations":[
        {"type":"STATIC","role":"a"},{"type":"DYNAMIC","role":"a/b"}]})";
const std::string kPorts =
    R"({"name":"ports","type":"RANGES","ranges":{"range":[{"begin":31000,"end":31001},
        {"begin":40000,"end":18446744073709551615}]}})";
const std::string kCommand =
    R"({"shell":false,"value":"run","arguments":["a","b"],"user":"u","environment":{"variables":
        [{"name":"A","value":"1"},{"name":"B"},
        {"name":"C","type":"SECRET","secret":{"type":"REFERENCE","reference":{"name":"s",
        "key":"k"},"value":{"data":"AA=="}}}]},
        "uris":[{"value":"http://x/a.tgz",
        "executable":true,"extract":false,"cache":true,"output_file":"o"}]})";
const std::string kContainer =
    R"({"type":"DOCKER","hostname":"h","volumes":[{"mode":"RO","container_path":"/c",
        "host_path":"/h"},{"mode":"RW","container_path":"d","source":{"type":"DOCKER_VOLUME",
        "docker_volume":{"driver":"rexray","name":"v","driver_options":{"parameter":[{"key":"k",
        "value":"v"}]}},"sandbox_path":{"type":"PARENT","path":"p"},"secret":{"type":"VALUE",
        "value":{"data":"eA=="}},"host_path":{"path":"/x"}}}],
        "docker":{"image":"img","network":"BRIDGE","privileged":true,
        "port_mappings":[{"host_port":31000,"container_port":80,"protocol":"tcp"}],
        "parameters":[{"key":"k","value":"v"}],"force_pull_image":false},
        "mesos":{"image":{"type":"DOCKER","docker":{"name":"alpine",
        "config":{"type":"REFERENCE","reference":{"name":"s"}}},"cached":false}},"linux_info":{
        "share_pid_namespace":true,"seccomp":{"profile_name":"p","unconfined":false},
        "ipc_mode":"PRIVATE","shm_size":64,"share_cgroups":false},"tty_info":{"window_size":
        {"rows":2,"columns":3}},
        "network_infos":[{"name":"net","groups":["g"],"labels":{"labels":[{"key":"k"}]},
        "ip_addresses":[{"protocol":"IPv6","ip_address":"::1"},{}],
        "port_mappings":[{"host_port":1,"container_port":2}]}]})";
const std::string kDiscovery =
    R"({"visibility":"EXTERNAL","name":"n","environment":"e","location":"l","version":"v",
        "ports":{"ports":[{"number":80,"name":"http","protocol":"tcp","labels":{"labels":
        [{"key":"k","value":"v"}]}}]},"labels":{"labels":[]}})";
const std::string kExecutor =
    R"({"type":"CUSTOM","executor_id":{"value":"e"},"framework_id":{"value":"F"},"command":)" +
    kCommand + R"(,"container":)" + kContainer + R"(,"resources":[)" + kReserved +
    R"(],"name":"n","source":"s","data":"AAH/","discovery":)" + kDiscovery +
    R"(,"shutdown_grace_period":{"nanoseconds":5},"labels":{"labels":[{"key":"k"}]}})";
const std::string kTask =
    R"({"name":"web","task_id":{"value":"web.1"},"agent_id":{"value":"S"},"resources":[)" +
    kReserved + "," + kStacked + "," + kPorts +
    R"(],"limits":{"cpus":{"value":2.5},"mem":{"value":Infinity}},"executor":)" + kExecutor +
    R"(,"command":)" + kCommand + R"(,"container":)" + kContainer +
    R"(,"health_check":{"type":"HTTP","delay_seconds":1.5,"interval_seconds":2,"timeout_seconds":0,
        "consecutive_failures":4000000000,"grace_period_seconds":7,"command":)" +
    kCommand +
    R"(,"http":{"protocol":"IPv4","scheme":"https","port":443,"path":"/p"},
        "tcp":{"port":1,"protocol":"IPv6"}},
        "check":{"type":"COMMAND","command":{"command":)" +
    kCommand +
    R"(},"http":{"port":80,"path":"/"},"tcp":{"port":8080}},
        "kill_policy":{"grace_period":{"nanoseconds":9223372036854775807}},"data":"YnI=",
        "labels":{"labels":[{"key":"a","value":"\u00e9"},{"key":"b"}]},"discovery":)" +
    kDiscovery + R"(,"max_completion_time":{"nanoseconds":-1}})";
const std::string kFramework =
    R"({"user":"root","name":"m","id":{"value":"F"},"failover_timeout":604800,"checkpoint":true,
        "role":"r","roles":["a","b"],"hostname":"h","principal":"p","webui_url":"http://w",
        "capabilities":[{"type":"MULTI_ROLE"},{"type":"PARTITION_AWARE"},{"type":"UNKNOWN"}],
        "labels":{"labels":[{"key":"k","value":""}]},"offer_filters":{"a":{
        "min_allocatable_resources":{"quantities":[{"quantities":{"cpus":{"value":0.5}}},
        {"quantities":{}}]}},"b":{}}})";
const std::string kConstraints =
    R"({"role_constraints":{"a":{"groups":[{"attribute_constraints":[
        {"selector":{"attribute_name":"x"},"predicate":{"exists":{}}},
        {"selector":{"pseudoattribute_type":"ZONE"},"predicate":{"not_exists":{}}},
        {"selector":{},"predicate":{"text_equals":{"value":"v"}}},
        {"selector":{},"predicate":{"text_not_equals":{"value":""}}},
        {"selector":{},"predicate":{"text_matches":{"regex":"a.*"}}},
        {"selector":{},"predicate":{"text_not_matches":{"regex":"b"}}}]},{}]},"b":{}}})";
const std::string kOperationStatus =
    R"({"operation_id":{"value":"op"},"state":"OPERATION_GONE_BY_OPERATOR","message":"m",
        "converted_resources":[)" +
    kReserved + R"(],"uuid":{"value":"AAECAwQFBgcICQoLDA0ODw=="},"agent_id":{"value":"S"},
        "resource_provider_id":{"value":"p"}})";
const std::string kStatus =
    R"({"task_id":{"value":"t"},"state":"TASK_GONE_BY_OPERATOR","message":"m",
        "source":"SOURCE_EXECUTOR","reason":"REASON_COMMAND_EXECUTOR_FAILED","data":"AA==",
        "agent_id":{"value":"S"},"executor_id":{"value":"e"},"timestamp":1.25,
        "uuid":"AAECAwQFBgcICQoLDA0ODw==","healthy":false,"check_status":{"type":"COMMAND",
        "command":{"exit_code":-1},"http":{"status_code":200},"tcp":{"succeeded":false}},
        "labels":{"labels":[{"key":"k"}]},"container_status":{"container_id":{"value":"c"},
        "network_infos":[{"ip_addresses":[{"ip_address":"10.0.0.1"}]}],"executor_pid":42,
        "cgroup_info":{"net_cls":{"classid":7}}},
        "unreachable_time":{"nanoseconds":7},"limitation":{"resources":[)" +
    kPorts + R"(]}})";
const std::string kDomain = R"({"fault_domain":{"region":{"name":"r"},"zone":{"name":"z"}}})";
const std::string kAttributes =
    R"([{"name":"rack","type":"TEXT","text":{"value":"r1"}},
        {"name":"score","type":"SCALAR","scalar":{"value":-1.5}},
        {"name":"p","type":"RANGES","ranges":{"range":[{"begin":0,"end":1}]}}])";
const std::string kOffer =
    R"x({"id":{"value":"O"},"framework_id":{"value":"F"},"agent_id":{"value":"S"},"hostname":"h",
        "url":{"scheme":"http","address":{"hostname":"h","ip":"10.0.0.1","port":5051},
        "path":"/slave(1)"},"resources":[)x" +
    kReserved + "," + kPorts + R"(],"attributes":)" + kAttributes +
    R"(,"executor_ids":[{"value":"e1"},{"value":"e2"}],"allocation_info":{"role":"a"},"domain":)" +
    kDomain + R"(,"unavailability":{"start":{"nanoseconds":1},"duration":{"nanoseconds":2}}})";
const std::string kId = R"({"framework_id":{"value":"F"},"type":)";
const std::string kIds = R"({"framework_id":{"value":"F"},"executor_id":{"value":"e"},"type":)";

TEST(ProtobufRoundTrip, EverySchedulerCall) {
  const std::string operations =
      R"([{"type":"LAUNCH","id":{"value":"op"},"launch":{"task_infos":[)" + kTask + "," + kTask +
      R"(]}},{"type":"LAUNCH_GROUP","launch_group":{"executor":)" + kExecutor +
      R"(,"task_group":{"tasks":[)" + kTask + R"(]}}},{"type":"RESERVE","reserve":{"source":[)" +
      kPorts + R"(],"resources":[)" + kReserved +
      R"(]}},{"type":"UNRESERVE","unreserve":{"resources":[)" + kReserved +
      R"(]}},{"type":"CREATE","create":{"volumes":[)" + kReserved +
      R"(]}},{"type":"DESTROY","destroy":{"volumes":[)" + kReserved +
      R"(]}},{"type":"GROW_VOLUME","grow_volume":{"volume":)" + kReserved + R"(,"addition":)" +
      kReserved + R"(}},{"type":"SHRINK_VOLUME","shrink_volume":{"volume":)" + kReserved +
      R"(,"subtract":{"value":1.5}}},{"type":"CREATE_DISK","create_disk":{"source":)" + kReserved +
      R"(,"target_type":"MOUNT","target_profile":"fast"}},
        {"type":"DESTROY_DISK","destroy_disk":{"source":)" +
      kReserved + R"(}},{}])";
  for (const std::string& text : std::vector<std::string>{
           R"({"type":"SUBSCRIBE","subscribe":{"framework_info":)" + kFramework +
               R"(,"suppressed_roles":["a","b"],"offer_constraints":)" + kConstraints + "}}",
           kId + R"("UPDATE_FRAMEWORK","update_framework":{"framework_info":)" + kFramework +
               R"(,"suppressed_roles":["a"],"offer_constraints":)" + kConstraints + "}}",
           kId + R"("ACCEPT_INVERSE_OFFERS","accept_inverse_offers":{"inverse_offer_ids":[
                 {"value":"O"}],"filters":{"refuse_seconds":1}}})",
           kId + R"("DECLINE_INVERSE_OFFERS","decline_inverse_offers":{"inverse_offer_ids":[
                 {"value":"O"}]}})",
           kId + R"("ACKNOWLEDGE_OPERATION_STATUS","acknowledge_operation_status":{
                 "agent_id":{"value":"S"},"resource_provider_id":{"value":"p"},
                 "uuid":"AAECAwQFBgcICQoLDA0ODw==","operation_id":{"value":"op"}}})",
           kId + R"("RECONCILE_OPERATIONS","reconcile_operations":{"operations":[{
                 "operation_id":{"value":"op"},"agent_id":{"value":"S"},
                 "resource_provider_id":{"value":"p"}}]}})",
           kId + R"("TEARDOWN"})",
           kId + R"("ACCEPT","accept":{"offer_ids":[{"value":"O1"},{"value":""}],"operations":)" +
               operations + R"(,"filters":{"refuse_seconds":0}}})",
           kId + R"("DECLINE","decline":{"offer_ids":[{"value":"O"}],
                 "filters":{"refuse_seconds":1e300}}})",
           kId + R"("REVIVE","revive":{"roles":["a"]}})",
           kId + R"("SUPPRESS"})",
           kId + R"("KILL","kill":{"task_id":{"value":"t"},"agent_id":{"value":"S"},
                 "kill_policy":{"grace_period":{"nanoseconds":5}}}})",
           kId + R"("SHUTDOWN","shutdown":{"executor_id":{"value":"e"},
                 "agent_id":{"value":"S"}}})",
           kId + R"("ACKNOWLEDGE","acknowledge":{"agent_id":{"value":"S"},
                 "task_id":{"value":"t"},"uuid":"AAECAwQFBgcICQoLDA0ODw=="}})",
           kId + R"("RECONCILE","reconcile":{"tasks":[{"task_id":{"value":"t"},
                 "agent_id":{"value":"S"}},{"task_id":{"value":"u"}}]}})",
           kId + R"("RECONCILE","reconcile":{}})",
           kId + R"("MESSAGE","message":{"agent_id":{"value":"S"},"executor_id":{"value":"e"},
                 "data":"gIGC"}})",
           kId + R"("REQUEST","request":{"requests":[{"agent_id":{"value":"S"},"resources":[)" +
               kPorts + "]},{}]}}",
       }) {
    expect_round_trip<scheduler::Call>("SchedulerCall", text);
  }
}

TEST(ProtobufRoundTrip, EverySchedulerEvent) {
  for (const std::string& text : std::vector<std::string>{
           R"({"type":"SUBSCRIBED","subscribed":{"framework_id":{"value":"F"},
               "heartbeat_interval_seconds":15,"master_info":{"id":"m","ip":4278190207,
               "port":5050,"pid":"master@1","hostname":"h","version":"1.11.0",
               "address":{"hostname":"h","ip":"127.0.0.1","port":5050},"domain":)" +
               kDomain +
               R"(,"capabilities":[{"type":"AGENT_UPDATE"},{"type":"QUOTA_V2"}]}}})",
           R"x({"type":"INVERSE_OFFERS","inverse_offers":{"inverse_offers":[{"id":{"value":"O"},
               "url":{"scheme":"http","address":{"hostname":"h","ip":"10.0.0.1","port":5051},
               "path":"/slave(1)"},"framework_id":{"value":"F"},"agent_id":{"value":"S"},
               "unavailability":{"start":{"nanoseconds":1}},"resources":[)x" +
               kPorts + "]}]}}",
           R"({"type":"RESCIND_INVERSE_OFFER","rescind_inverse_offer":{
               "inverse_offer_id":{"value":"O"}}})",
           R"({"type":"UPDATE_OPERATION_STATUS","update_operation_status":{"status":)" +
               kOperationStatus + "}}",
           R"({"type":"OFFERS","offers":{"offers":[)" + kOffer + "," + kOffer + "]}}",
           R"({"type":"RESCIND","rescind":{"offer_id":{"value":"O"}}})",
           R"({"type":"UPDATE","update":{"status":)" + kStatus + "}}",
           R"({"type":"MESSAGE","message":{"agent_id":{"value":"S"},"executor_id":{"value":"e"},
               "data":""}})",
           R"({"type":"FAILURE","failure":{"agent_id":{"value":"S"},
               "executor_id":{"value":"e"},"status":-9}})",
           R"({"type":"ERROR","error":{"message":"no"}})",
           R"({"type":"HEARTBEAT"})",
       }) {
    expect_round_trip<scheduler::Event>("SchedulerEvent", text);
  }
}

TEST(ProtobufRoundTrip, TheSchedulerResponse) {
  expect_round_trip<scheduler::Response>(
      "SchedulerResponse",
      R"({"type":"RECONCILE_OPERATIONS","reconcile_operations":{"operation_statuses":[)" +
          kOperationStatus + "]}}");
}

TEST(ProtobufRoundTrip, EveryExecutorCall) {
  for (const std::string& text : std::vector<std::string>{
           kIds + R"("SUBSCRIBE","subscribe":{"unacknowledged_tasks":[)" + kTask +
               R"(],"unacknowledged_updates":[{"status":)" + kStatus + R"(},{"status":)" + kStatus +
               R"(}]}})",
           kIds + R"("UPDATE","update":{"status":)" + kStatus + "}}",
           kIds + R"("MESSAGE","message":{"data":"aGk="}})",
           kIds + R"("HEARTBEAT"})",
       }) {
    expect_round_trip<executor::Call>("ExecutorCall", text);
  }
}

TEST(ProtobufRoundTrip, EveryExecutorEvent) {
  const std::string agent = R"({"hostname":"h","port":6000,"id":{"value":"S"},"resources":[)" +
                            kPorts + R"(],"attributes":)" + kAttributes + R"(,"domain":)" +
                            kDomain + "}";
  for (const std::string& text : std::vector<std::string>{
           R"({"type":"SUBSCRIBED","subscribed":{"executor_info":)" + kExecutor +
               R"(,"framework_info":)" + kFramework + R"(,"agent_info":)" + agent +
               R"(,"container_id":{"value":"c"}}})",
           R"({"type":"LAUNCH","launch":{"task":)" + kTask + "}}",
           R"({"type":"LAUNCH_GROUP","launch_group":{"task_group":{"tasks":[)" + kTask + "," +
               kTask + "]}}}",
           R"({"type":"LAUNCH_GROUP","launch_group":{"task_group":{}}})",
           R"({"type":"KILL","kill":{"task_id":{"value":"t"},"kill_policy":{}}})",
           R"({"type":"ACKNOWLEDGED","acknowledged":{"task_id":{"value":"t"},
               "uuid":"AAECAwQFBgcICQoLDA0ODw=="}})",
           R"({"type":"MESSAGE","message":{"data":"aGk="}})",
           R"({"type":"SHUTDOWN"})",
           R"({"type":"ERROR","error":{"message":"no"}})",
           R"({"type":"HEARTBEAT"})",
       }) {
    expect_round_trip<executor::Event>("ExecutorEvent", text);
  }
}

}  // namespace
}  // namespace ekiden::api
