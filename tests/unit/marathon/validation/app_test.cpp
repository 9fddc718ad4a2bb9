#include "marathon/change/definition.h"

#include <gtest/gtest.h>

// Every rule of marathon-api.md section 4 that an app can break: what is sent, where it is wrong
// and why. The whole pipeline runs, as for a POST.
namespace ekiden::marathon::validation {
namespace {

struct Case {
  std::string body;  // members beside the id
  std::string path;
  std::string reason;
};

Settings all_features() {
  Settings settings;
  settings.features = {"secrets", "external_volumes", "gpu_resources"};
  return settings;
}

Result<App> define(const std::string& members, const Settings& settings) {
  const std::string body = members.starts_with("{") ? members : R"({"id":"/g/a",)" + members + "}";
  auto form = wire::decode_app(std::string_view(body));
  if (!form) {
    return fail(form.error());
  }
  const Root root;
  return change::define(std::move(*form), {root, settings});
}

std::string problems_text(const Result<App>& app) {
  if (app) {
    return "accepted";
  }
  std::string text = app.error().message;
  for (const Problem& problem : app.error().problems) {
    text += "\n  " + problem.path + ": " + problem.reason;
  }
  return text;
}

void expect_problem(const Case& one, const Settings& settings) {
  const auto app = define(one.body, settings);
  bool found = false;
  for (const Problem& problem : app ? std::vector<Problem>{} : app.error().problems) {
    found = found || (problem.path == one.path && problem.reason.starts_with(one.reason));
  }
  EXPECT_TRUE(found) << one.body << "\n wants " << one.path << ": " << one.reason << "\n got "
                     << problems_text(app);
}

const std::string kCmd = R"("cmd":"sleep 1")";
const std::string kDocker = R"("container":{"type":"DOCKER","docker":{"image":"i"}})";

TEST(AppRules, OfTheJsonForm) {
  const std::vector<Case> cases = {
      {R"({"id":"/UPPER","cmd":"sleep 1"})", "/id", "error.pattern"},
      {R"("cmd":"")", "/cmd", "error.minLength"},
      {kCmd + R"(,"cpus":0)", "/cpus", "error.min"},
      {kCmd + R"(,"mem":-1)", "/mem", "error.min"},
      {kCmd + R"(,"instances":1.5)", "/instances", "error.expected.int"},
      {kCmd + R"(,"instances":"two")", "/instances", "error.expected.jsnumber"},
      {kCmd + R"(,"backoffFactor":0.5)", "/backoffFactor", "error.min"},
      {kCmd + R"(,"constraints":[["a"]])", "/constraints(0)", "error.minLength"},
      {kCmd + R"(,"constraints":[["a","b","c","d"]])", "/constraints(0)", "error.maxLength"},
      {kCmd + R"(,"upgradeStrategy":{"maximumOverCapacity":1})",
       "/upgradeStrategy/minimumHealthCapacity",
       "'minimumHealthCapacity' is undefined on object: {\"maximumOverCapacity\":1"},
      {kCmd + R"(,"healthChecks":[{"protocol":"SMTP"}])",
       "/healthChecks(0)/protocol",
       "error.unknown.enum.literal"},
      {kCmd + R"(,"env":{"A":{"no":1}})", "/env/A/secret", "error.path.missing"},
      {kCmd + R"(,"container":{"type":"MESOS","volumes":[{"containerPath":"/a","mode":"RW"}]})",
       "/container/volumes(0)/hostPath",
       "'hostPath' is undefined on object: "},
      {kCmd + R"(,"container":{"type":"MESOS","volumes":[{"containerPath":"/a","mode":"RW",
          "external":{"provider":"csi","name":"v","options":{"pluginName":"p","capability":{
          "accessMode":"ODD","accessType":"block"}}}}]})",
       "/container/volumes(0)/hostPath",
       "'hostPath' is undefined on object: "},
      {kCmd + R"(,"portDefinitions":[{"port":70000}])", "/portDefinitions(0)/port", "error.max"},
      {kCmd + R"(,"executor":"/a//b")", "/executor", "error.pattern"},
      {kCmd + R"(,"executorResources":{"cpus":0.01})", "/executorResources/cpus", "error.min"},
  };
  for (const Case& one : cases) {
    expect_problem(one, all_features());
  }
}

TEST(AppRules, OfDeprecatedMembers) {
  const std::vector<Case> cases = {
      {R"("container":{"type":"MESOS","docker":{"image":"i","network":"HOST"}})",
       "/container/docker/network",
       "must be empty"},
      {R"("container":{"type":"MESOS","docker":{"image":"i","parameters":[{"key":"a","value":"b"}]}})",
       "/container/docker/parameters",
       "must be empty"},
      {kCmd + R"(,"uris":["http://a/b"],"fetch":[{"uri":"http://a/b"}])",
       "/uris",
       "may not be set in conjunction with fetch"},
      {kCmd + R"(,"uris":["a b"])", "/uris(0)", "URI has invalid syntax."},
      {R"("container":{"docker":{"image":"i","network":"HOST"}},"networks":[{"mode":"host"}])",
       "/",
       "must not specify both container.docker.network and networks"},
      {kCmd + R"(,"ipAddress":{},"networks":[{"mode":"host"}])",
       "/",
       "must not specify both networks and ipAddress"},
      {kCmd + R"(,"ports":[1,1])", "/", "ports must be unique"},
      {kCmd + R"(,"ports":[1],"ipAddress":{"networkName":"n"})",
       "/",
       "cannot specify both an IP address and port"},
      {R"("container":{"docker":{"image":"i","network":"NONE"}})",
       "/container/docker/network",
       "unsupported docker network type NONE"},
      {R"("container":{"docker":{"image":"i","network":"BRIDGE","portMappings":[{}]},
          "portMappings":[{}]})",
       "/container/portMappings",
       "cannot specify both portMappings and docker.portMappings"},
  };
  for (const Case& one : cases) {
    expect_problem(one, all_features());
  }
}

TEST(AppRules, InGeneral) {
  const std::vector<Case> cases = {
      {R"({"cmd":"sleep 1","id":"/"})", "/", "must not be root"},
      {R"({"cmd":"sleep 1","id":"/a/restart"})", "/id", "must not end with any of the following"},
      {kCmd + R"(,"dependencies":["/A"])", "/dependencies(0)", "must fully match regular"},
      {R"("mem":1)", "/", "AppDefinition must either contain one of 'cmd' or 'args'"},
      {kCmd + R"(,"args":["a"])", "/", "AppDefinition must either contain one of"},
      {R"("container":{"type":"MESOS"})", "/", "AppDefinition must either contain one of"},
      {R"("cmd":"x")", "/", "must not be an empty string"},
      {kDocker + R"(,"gpus":1)", "/", "GPU resources only work with the Mesos containerizer"},
      {kCmd + R"(,"labels":{"MARATHON_SINGLE_INSTANCE_APP":"true"},"instances":2)",
       "/",
       "Single instance app may only have one instance"},
      {kCmd + R"(,"labels":{"DCOS_MIGRATION_API_VERSION":"v1"})",
       "/",
       "DCOS_PACKAGE_FRAMEWORK_NAME and DCOS_MIGRATION_API_PATH must be defined"},
      {kCmd + R"(,"fetch":[{"uri":"a b"}])", "/fetch(0)/uri", "URI has invalid syntax."},
      {kCmd + R"(,"mem":256,"resourceLimits":{"mem":1})",
       "/resourceLimits/mem",
       "resource limit must be greater than or equal to requested resource (256.0)"},
      {kCmd + R"(,"resourceLimits":{"cpus":"lots"})",
       "/resourceLimits/cpus",
       "'lots' is an invalid resource limit. It must be 'unlimited' or a number"},
      {kCmd + R"(,"unreachableStrategy":{"inactiveAfterSeconds":5,"expungeAfterSeconds":1})",
       "/unreachableStrategy/inactiveAfterSeconds",
       "inactiveAfterSeconds (5) must be less or equal to expungeAfterSeconds, which is 1"},
  };
  for (const Case& one : cases) {
    expect_problem(one, all_features());
  }
}

TEST(AppRules, OfNetworksAndPorts) {
  const std::vector<Case> cases = {
      {kCmd + R"(,"networks":[{"mode":"host","name":"a"}])",
       "/networks",
       "Host networks may not have names or labels"},
      {kCmd + R"(,"networks":[{"mode":"container/bridge","name":"a"}])",
       "/networks",
       "Bridge networks may not have names"},
      {kCmd + R"(,"networks":[{"name":"a"},{"name":"a"}])",
       "/networks",
       "Duplicate networks are not allowed"},
      {kCmd + R"(,"networks":[{"mode":"host"},{"name":"a"}])",
       "/networks",
       "May specify a single host network"},
      {kCmd + R"(,"networks":[{"mode":"container"}])",
       "/networks",
       "Network name must be specified when container network is selected."},
      {kDocker + R"(,"networks":[{"name":"a"},{"name":"b"}])",
       "/",
       "may only specify a single container network when using the Docker container engine"},
      {kCmd + R"(,"portDefinitions":[{"name":"a"},{"name":"a"}])",
       "/portDefinitions",
       "Port names must be unique."},
      {kCmd + R"(,"portDefinitions":[{"port":7},{"port":7}])",
       "/portDefinitions",
       "Ports must be unique."},
      {kCmd + R"(,"networks":[{"name":"a"}],"container":{"type":"MESOS",
          "portMappings":[{"networkNames":["b"]}]})",
       "/container/portMappings(0)/networkNames(0)",
       "is not one of (a)"},
  };
  for (const Case& one : cases) {
    expect_problem(one, all_features());
  }
}

TEST(AppRules, OfChecks) {
  const std::vector<Case> cases = {
      {kCmd + R"(,"healthChecks":[{"portIndex":1}])",
       "/healthChecks(0)",
       "Health check port indices must address an element"},
      {kCmd + R"(,"healthChecks":[{"protocol":"MESOS_HTTP","portIndex":4}])",
       "/healthChecks(0)",
       "Health check port indices must address an element"},
      {kCmd + R"(,"healthChecks":[{"ipProtocol":"IPv6"}])",
       "/healthChecks(0)",
       "IPv6 can only be used for container type DOCKER"},
      {kCmd + R"(,"healthChecks":[{"protocol":"MESOS_TCP"},{"protocol":"MESOS_HTTP"}])",
       "/",
       "AppDefinition can contain at most one Mesos health check"},
      {kCmd + R"(,"healthChecks":[{"protocol":"COMMAND"}])",
       "/healthChecks(0)",
       "illegal protocol COMMAND specified without command"},
      {kCmd + R"(,"healthChecks":[{"protocol":"TCP","path":"/a"}])", "/healthChecks(0)", "illegal"},
      {kDocker + R"(,"check":{"tcp":{"portIndex":0}})",
       "/",
       "AppDefinition must not use 'checks' if using docker"},
      {kCmd + R"(,"check":{"tcp":{"portIndex":3}})", "/check", "check port index must address"},
      {kCmd + R"(,"check":{})", "/check", "illegal RAML Check: expected one of"},
      {kCmd + R"(,"readinessChecks":[{},{}])",
       "/readinessChecks/size",
       "got 2, expected 1 or less"},
      {kCmd + R"(,"readinessChecks":[{"portName":"x"}])",
       "/readinessChecks(0)/portName",
       "No port definition reference for portName x"},
      {kCmd + R"(,"readinessChecks":[{"timeoutSeconds":9,"intervalSeconds":9}])",
       "/readinessChecks(0)/timeoutSeconds",
       "got 9, expected less than 9"},
  };
  for (const Case& one : cases) {
    expect_problem(one, all_features());
  }
}

TEST(AppRules, OfRolesAndConstraints) {
  const std::vector<Case> cases = {
      {kCmd + R"(,"role":"x")", "/role", "got x, expected one of: [*, g]"},
      {kCmd + R"(,"acceptedResourceRoles":[])", "/acceptedResourceRoles", "must not be empty"},
      {kCmd + R"(,"acceptedResourceRoles":["x"])",
       "/acceptedResourceRoles",
       "acceptedResourceRoles can only contain *"},
      {kCmd + R"(,"role":"g","acceptedResourceRoles":["x"])",
       "/acceptedResourceRoles",
       "acceptedResourceRoles can only contain * and g"},
      {kCmd + R"(,"acceptedResourceRoles":["-a b"])",
       "/acceptedResourceRoles(0)",
       "A role name must not start with a '-'."},
      {kCmd + R"(,"acceptedResourceRoles":["a b"])",
       "/acceptedResourceRoles(0)(1)",
       "A role name must not include a space (\\x20) character."},
      {kCmd + R"(,"constraints":[["hostname","UNIQUE","x"]])",
       "/constraints(0)",
       "UNIQUE does not accept a value"},
      {kCmd + R"(,"constraints":[["a","UNIQUE"],["rack","GROUP_BY","x"]])",
       "/constraints(1)",
       "GROUP BY must define an integer value or else no value at all"},
      {kCmd + R"(,"constraints":[["rack","LIKE","["]])",
       "/constraints(0)",
       "is not a valid regular expression"},
      {kCmd + R"(,"constraints":[["rack","NEAR","x"]])",
       "/constraints(0)",
       "operator must be one of the following"},
      {kCmd + R"(,"constraints":[["rack","IS","a b"]])",
       "/constraints(0)",
       "IS only supports Mesos text and float values"},
  };
  for (const Case& one : cases) {
    expect_problem(one, all_features());
  }
}

std::string volume(const std::string& text) {
  return kCmd + R"(,"role":"g","container":{"type":"MESOS","volumes":[)" + text + "]}";
}

TEST(AppRules, OfVolumes) {
  const std::string base = R"({"containerPath":"data","mode":"RW","persistent":)";
  const std::vector<Case> cases = {
      {volume(R"({"containerPath":"a/b","mode":"RW","persistent":{"size":1}})"),
       "/container/volumes(0)/containerPath",
       "value must not contain \"/\""},
      {volume(R"({"containerPath":"a","mode":"RO","persistent":{"size":1}})"),
       "/container/volumes(0)/mode",
       "does not equal RW"},
      {volume(base + R"({"size":0}})"),
       "/container/volumes(0)/persistent/size",
       "got 0, expected more than 0"},
      {volume(base + R"({"size":1,"maxSize":5}})"),
       "/container/volumes(0)/persistent",
       "Only mount volumes can have maxSize"},
      {volume(base + R"({"size":9,"type":"mount","maxSize":5}})"),
       "/container/volumes(0)/persistent",
       "Max size must be larger than size"},
      {volume(base + R"({"size":9,"constraints":[["path","LIKE","a"]]}})"),
       "/container/volumes(0)/persistent",
       "Constraints on root volumes are not supported"},
      {volume(base + R"({"size":9,"type":"path","constraints":[["path","IS","a"]]}})"),
       "/container/volumes(0)/persistent/constraints(0)",
       "Operator must be one of LIKE, UNLIKE"},
      {volume(base + R"({"size":9,"type":"path","constraints":[["path","ODD","a"]]}})"),
       "/container/volumes(0)/persistent/constraints(0)",
       "unknown constraint operator ODD"},
      {volume(R"({"containerPath":"a","mode":"RW","external":{"provider":"csi","name":"v",
          "options":{"pluginName":"p","capability":{"accessMode":"SINGLE_NODE_WRITER",
          "accessType":"mount"}}}})"),
       "/container/volumes(0)/external/options/capability/fsType",
       "not defined"},
      {volume(base + R"({"size":9}})") + R"(,"upgradeStrategy":{"maximumOverCapacity":0.5,
          "minimumHealthCapacity":0})",
       "/upgradeStrategy/maximumOverCapacity",
       "got 0.5, expected 0.0"},
      {volume(base + R"({"size":9}})") + R"(,"unreachableStrategy":{})",
       "/",
       "unreachableStrategy must be disabled for resident tasks"},
      {kCmd + R"(,"container":{"type":"MESOS","volumes":[)" + base + R"({"size":9}}]})",
       "/role",
       "Resident apps cannot have the role *"},
      {volume(R"({"containerPath":"a","secret":"s"})"),
       "/container/volumes(0)",
       "volume.secret must refer to an existing secret"},
      {volume(R"({"containerPath":"a","mode":"RW","external":{"provider":"nfs"}})"),
       "/container/volumes(0)/external/provider",
       "is unknown provider"},
      {volume(R"({"containerPath":"a","mode":"RW","external":{"provider":"dvdi"}})"),
       "/container/volumes(0)/external/options(\"dvdi/driver\")",
       "not defined"},
      {kCmd +
           R"(,"instances":2,"container":{"type":"MESOS","volumes":[{"containerPath":"a","mode":"RW",
          "external":{"provider":"dvdi","name":"v","options":{"dvdi/driver":"d"}}}]})",
       "/",
       "Number of instances is limited to 1 when declaring DVDI volumes in app ["},
  };
  for (const Case& one : cases) {
    expect_problem(one, all_features());
  }
}

TEST(AppRules, OfContainersAndSecrets) {
  const std::vector<Case> cases = {
      {kCmd + R"(,"container":{})", "/container/docker", "not defined"},
      {R"("container":{"docker":{"image":"i","pullConfig":{"secret":"s"}}})",
       "/container/docker/pullConfig",
       "pullConfig is not supported with Docker containerizer"},
      {R"("container":{"type":"MESOS","docker":{"image":"i","pullConfig":{"secret":"s"}}})",
       "/container/docker/pullConfig",
       "pullConfig.secret must refer to an existing secret"},
      {kCmd + R"(,"container":{"type":"MESOS","linuxInfo":{"seccomp":{}}})",
       "/container/linuxInfo/seccomp",
       "Seccomp unconfined must be true when Profile is NOT defined"},
      {kCmd +
           R"(,"container":{"type":"MESOS","linuxInfo":{"ipcInfo":{"mode":"SHARE_PARENT","shmSize":1}}})",
       "/container/linuxInfo/ipcInfo",
       "ipcInfo shmSize can NOT be set when mode is SHARE_PARENT"},
      {kCmd + R"(,"env":{"A":{"secret":"s"}})", "/env/A/secret", "references an undefined secret"},
      {kCmd + R"(,"env":{"":"x"})", "/env/keys(0)", "must not be empty"},
  };
  for (const Case& one : cases) {
    expect_problem(one, all_features());
  }
}

TEST(AppRules, OfFeaturesThatAreOff) {
  const std::vector<Case> cases = {
      {kCmd + R"(,"gpus":1)",
       "/",
       "Feature gpu_resources is not enabled. Enable with --enable_features gpu_resources)"},
      {kCmd + R"(,"secrets":{"s":{"source":"x"}})",
       "/secrets",
       "Feature secrets is not enabled. Enable with --enable_features secrets)"},
      {kCmd + R"(,"secrets":{"s":{"source":"x"}},"env":{"A":{"secret":"s"}})",
       "/env",
       "use of secret-references in the environment requires the secrets feature to be enabled"},
      {volume(R"({"containerPath":"a","mode":"RW","external":{"provider":"dvdi"}})"),
       "/container/volumes(0)",
       "Feature external_volumes is not enabled."},
  };
  for (const Case& one : cases) {
    expect_problem(one, Settings{});
  }
}

TEST(AppRules, AreReportedTogether) {
  const auto app =
      define(kCmd + R"(,"constraints":[["a","UNIQUE","b"]],"role":"x","fetch":[{"uri":"a b"}])",
             all_features());
  ASSERT_FALSE(app);
  EXPECT_EQ(app.error().message, "Object is not valid");
  EXPECT_EQ(app.error().problems.size(), 3u);
}

TEST(AppRules, AcceptWhatIsLegal) {
  for (const std::string& body : {
           kCmd,
           kDocker,
           R"("args":["a"])" + std::string(),
           R"("container":{"type":"MESOS","docker":{"image":"i"}})" + std::string(),
           kCmd + R"(,"constraints":[["hostname","unique"],["@zone","GROUP_BY","3"]])",
           kCmd + R"(,"healthChecks":[{"protocol":"COMMAND","command":{"value":"true"}}])",
           kCmd + R"(,"unreachableStrategy":"whatever")",
           kCmd + R"(,"somethingNew":{"a":1},"container":null,"ports":null,"dependencies":null)",
           kCmd + R"(,"resourceLimits":{"cpus":"unlimited","mem":4096})",
       }) {
    const auto app = define(body, Settings{});
    EXPECT_TRUE(app) << body << "\n" << problems_text(app);
  }
}

}  // namespace
}  // namespace ekiden::marathon::validation
