#include "marathon/change/definition.h"

#include <gtest/gtest.h>

// Every rule of marathon-api.md 4.12: what is sent, where it is wrong and why.
namespace ekiden::marathon::validation {
namespace {

struct Case {
  std::string body;  // members beside the id; a text with "id" in it is the whole pod
  std::string path;
  std::string reason;
};

Result<App> define(const std::string& members, const Settings& settings) {
  const std::string body = members.starts_with("{") ? members : R"({"id":"/g/p",)" + members + "}";
  auto form = wire::decode_pod(std::string_view(body));
  if (!form) {
    return fail(form.error());
  }
  const Root root;
  return change::define_pod(std::move(*form), {root, settings});
}

void expect_problem(const Case& one, const Settings& settings) {
  const auto pod = define(one.body, settings);
  std::string got = pod ? "accepted" : pod.error().message;
  bool found = false;
  for (const Problem& problem : pod ? std::vector<Problem>{} : pod.error().problems) {
    found = found || (problem.path == one.path && problem.reason.starts_with(one.reason));
    got += "\n  " + problem.path + ": " + problem.reason;
  }
  EXPECT_TRUE(found) << one.body << "\n wants " << one.path << ": " << one.reason << "\n got "
                     << got;
}

Settings all_features() {
  Settings settings;
  settings.features = {"secrets"};
  return settings;
}

// A container "c" with more members.
std::string with(const std::string& members, const std::string& pod = "") {
  return R"("containers":[{"name":"c","resources":{"cpus":1,"mem":64})" +
         (members.empty() ? "" : "," + members) + "}]" + (pod.empty() ? "" : "," + pod);
}

const std::string kBridge = R"("networks":[{"mode":"container/bridge"}])";
const std::string kTwoNetworks =
    R"("networks":[{"mode":"container","name":"a"},{"mode":"container","name":"b"}])";

TEST(PodRules, OfTheJsonForm) {
  const std::vector<Case> cases = {
      {R"({"containers":[]})", "/id", "'id' is undefined on object"},
      {R"({"id":"/UPPER",)" + with("") + "}", "/id", "error.pattern"},
      {R"("containers":[])", "/containers", "error.minLength"},
      {R"("labels":{})", "/containers", "'containers' is undefined on object"},
      {R"("containers":[{"name":"c"}])", "/containers(0)/resources", "'resources' is undefined"},
      {R"("containers":[{"name":"_app","resources":{}}])", "/containers(0)/name", "error.pattern"},
      {R"("containers":[{"name":"c","resources":{"cpus":0}}])",
       "/containers(0)/resources/cpus",
       "error.min"},
      {with("", R"("scaling":{"kind":"fixed","instances":-1})"), "/scaling/instances", "error.min"},
      {with("", R"("scaling":{"kind":"odd"})"), "/scaling/kind", "error.unknown.enum.literal"},
      {with("", R"("executorResources":{"cpus":0.01})"), "/executorResources/cpus", "error.min"},
      {with("", R"("environment":{"a b":"x"})"), "/environment/a b", "error.pattern"},
      {with(R"("image":{"kind":"APPC","id":"x"})"),
       "/containers(0)/image/kind",
       "error.unknown.enum.literal"},
      {with(R"("endpoints":[{"name":"e","containerPort":0}])"),
       "/containers(0)/endpoints(0)/containerPort",
       "error.min"},
      {with(R"("exec":{"command":{}})"), "/containers(0)/exec/command/argv", "error.path.missing"},
      {with("", R"("scheduling":{"upgrade":{"maximumOverCapacity":2}})"),
       "/scheduling/upgrade/maximumOverCapacity",
       "error.max"},
  };
  for (const Case& one : cases) {
    expect_problem(one, all_features());
  }
}

TEST(PodRules, OfIdsVolumesAndNames) {
  const std::vector<Case> cases = {
      {R"({"id":"relative",)" + with("") + "}", "/id", "Path needs to be absolute"},
      {R"({"id":"/",)" + with("") + "}", "/id", "Path must contain at least one path element"},
      {R"({"id":"/a/restart",)" + with("") + "}", "/id", "must not end with any of"},
      {with("", R"("user":"")"), "/user", "must not be empty"},
      {with("", R"("volumes":[{"name":"v"}])"),
       "/volumes(0)",
       "volume must be referenced by at least one container"},
      {with(R"("volumeMounts":[{"name":"v","mountPath":"m"}])",
            R"("volumes":[{"name":"v"},{"name":"v"}])"),
       "/volumes",
       "volume names must be unique"},
      {with(R"("volumeMounts":[{"name":"v","mountPath":"m"}])",
            R"("volumes":[{"name":"v","secret":"none"}])"),
       "/volumes",
       "volume.secret must refer to an existing secret"},
      {with(R"("volumeMounts":[{"name":"v","mountPath":"m"}])",
            R"("volumes":[{"name":"v","persistent":{"size":0}}])"),
       "/volumes(0)/persistent/size",
       "got 0, expected more than 0"},
      {with(R"("volumeMounts":[{"name":"v","mountPath":"m"}])"),
       "/containers(0)/volumeMounts(0)/name",
       "Referenced Volume in VolumeMount should exist"},
      {R"("containers":[{"name":"c","resources":{}},{"name":"c","resources":{}}])",
       "/containers",
       "container names must be unique"},
  };
  for (const Case& one : cases) {
    expect_problem(one, all_features());
  }
}

TEST(PodRules, OfEndpointsAndNetworks) {
  const std::vector<Case> cases = {
      {with(R"("endpoints":[{"name":"e","containerPort":80}])", R"("networks":[{"mode":"host"}])"),
       "/containers(0)/endpoints(0)/containerPort",
       "is not allowed when using host-mode networking"},
      {with(R"("endpoints":[{"name":"e"}])", R"("networks":[{"mode":"container","name":"n"}])"),
       "/containers(0)/endpoints(0)/containerPort",
       "is required when using container-mode networking"},
      {with(R"("endpoints":[{"name":"e","protocol":["tcp","tcp"]}])"),
       "/containers(0)/endpoints(0)/protocol",
       "Duplicate protocols within the same endpoint are not allowed"},
      {with(R"("endpoints":[{"name":"e","containerPort":1,"networkNames":["z"]}])", kTwoNetworks),
       "/containers(0)/endpoints(0)/networkNames(0)",
       "is not one of (a,b)"},
      {with(R"("endpoints":[{"name":"e","containerPort":1,"hostPort":0}])", kTwoNetworks),
       "/containers(0)/endpoints(0)",
       "networkNames must be a single item list"},
      {with(R"("endpoints":[{"name":"e"},{"name":"e"}])"),
       "/",
       "endpoint names nust be unique across all containers"},
      {with(R"("endpoints":[{"name":"e","containerPort":1},{"name":"f","containerPort":1}])",
            kBridge),
       "/",
       "container ports must be unique across all containers"},
      {with(R"("endpoints":[{"name":"e","hostPort":9},{"name":"f","hostPort":9}])"),
       "/",
       "host ports must be unique across all containers"},
      {with("", R"("networks":[{"mode":"host","name":"n"}])"),
       "/networks",
       "Host networks may not have names or labels"},
      {with("", R"("networks":[{"mode":"container"}])"),
       "/networks",
       "Network name must be specified when container network is selected."},
  };
  for (const Case& one : cases) {
    expect_problem(one, all_features());
  }
}

TEST(PodRules, OfHealthChecksLimitsAndScheduling) {
  const std::string check = "/containers(0)/healthCheck";
  const std::string kPersistent = R"("volumes":[{"name":"v","persistent":{"size":1}}])";
  const std::string kMount = R"("volumeMounts":[{"name":"v","mountPath":"m"}])";
  const std::vector<Case> cases = {
      {with(R"("healthCheck":{})"), check, "Only one of http, tcp, or command may be specified"},
      {with(R"("healthCheck":{"tcp":{"endpoint":"e"},"intervalSeconds":5,"timeoutSeconds":5})"),
       check + "/timeoutSeconds",
       "got 5, expected less than 5"},
      {with(R"("healthCheck":{"http":{"endpoint":"e"}})"),
       check + "/http/endpoint",
       "contained in the container endpoints"},
      {with(R"("resourceLimits":{"mem":32})"),
       "/containers(0)/resourceLimits/mem",
       "resource limit must be greater than or equal to requested resource (64.0)"},
      {with(R"("resourceLimits":{"mem":"much"})"),
       "/containers(0)/resourceLimits/mem",
       "'much' is an invalid resource limit. It must be 'unlimited' or a number"},
      {with("", R"("linuxInfo":{"seccomp":{"unconfined":true}})"),
       "/linuxInfo/seccomp",
       "Seccomp configuration on executor level is not supported"},
      {with(R"("linuxInfo":{"seccomp":{"unconfined":false}})"),
       "/containers(0)/linuxInfo/seccomp",
       "Seccomp unconfined must be true when Profile is NOT defined"},
      {with(kMount, kPersistent + R"(,"role":"r","scheduling":{"upgrade":
            {"maximumOverCapacity":0.5}})"),
       "/upgrade/maximumOverCapacity",
       "got 0.5, expected 0.0"},
      {with(kMount, kPersistent + R"(,"scheduling":{"unreachableStrategy":
            {"inactiveAfterSeconds":1,"expungeAfterSeconds":2}})"),
       "/",
       "unreachableStrategy must be disabled for pods with persistent volumes"},
      {with(kMount, kPersistent + R"(,"scheduling":{"placement":{"acceptedResourceRoles":["g"]}},
            "role":"g")"),
       "/acceptedResourceRoles",
       "A resident pod must have `acceptedResourceRoles = [\"*\"]`."},
      {with(kMount, kPersistent), "/role", "Resident pods cannot have the role *"},
      {with("", R"("scheduling":{"placement":{"constraints":[{"fieldName":"",
            "operator":"UNIQUE"}]}})"),
       "/scheduling/placement/constraints(0)",
       "missing field for constraint declaration"},
      {with("", R"("scheduling":{"placement":{"constraints":[{"fieldName":"a",
            "operator":"UNIQUE","value":"b"}]}})"),
       "/scheduling/placement/constraints(0)",
       "UNIQUE does not accept a value"},
      {with("", R"("role":"other")"), "/role", "got other, expected one of: [*, g]"},
      {with("", R"("environment":{"A":{"secret":"none"}})"),
       "/environment/A/secret",
       "references an undefined secret"},
      {with(R"("image":{"kind":"DOCKER","id":"i","pullConfig":{"secret":"none"}})"),
       "/containers(0)/image/pullConfig",
       "pullConfig.secret must refer to an existing secret"},
  };
  for (const Case& one : cases) {
    expect_problem(one, all_features());
  }
}

TEST(PodRules, OfFeatures) {
  const std::string missing =
      "Feature secrets is not enabled. Enable with --enable_features secrets)";
  const std::string secrets = R"("secrets":{"s":{"source":"x"}})";
  const std::vector<Case> cases = {
      {with("", secrets), "/secrets", missing},
      {with("", secrets), "/secrets", "must be empty"},
      {with(R"("image":{"kind":"DOCKER","id":"i","pullConfig":{"secret":"s"}})", secrets),
       "/containers(0)/image/pullConfig",
       missing},
      {with(R"("volumeMounts":[{"name":"v","mountPath":"m"}])",
            secrets + R"(,"volumes":[{"name":"v","secret":"s"}])"),
       "/volumes",
       missing},
  };
  for (const Case& one : cases) {
    expect_problem(one, Settings());
  }
}

}  // namespace
}  // namespace ekiden::marathon::validation
