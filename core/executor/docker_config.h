#pragma once

#include "core/base/result.h"
#include "core/json/json.h"
#include "core/model/status.h"
#include "core/model/task.h"

#include <string>
#include <vector>

// What the Docker Engine is told about a task, and what it says about one; pure [mesos-core 6.7].
namespace ekiden::executor {

struct DockerContext {
  std::string sandbox;                   // host path, mounted at MESOS_SANDBOX
  std::string container_name;            // "mesos-<container id>"
  std::vector<std::string> environment;  // MESOS_* of the container; the task's own go on top
  std::vector<std::string> binds{};      // "host:container[:ro]", beside the task's volumes
  std::string output{};                  // files for what it prints; empty: our own
  std::string error{};
};

// Whether a Docker engine must run it: a Docker container, or a Mesos one with a Docker image.
bool needs_docker(const std::optional<model::ContainerInfo>& container);

// A Mesos container with a Docker image as the Docker container that runs it; others unchanged.
model::TaskInfo as_docker_task(model::TaskInfo task);

inline constexpr const char* kDockerSandbox = "/mnt/mesos/sandbox";

// The body of POST /containers/create.
Result<json::Value> docker_create_body(const model::TaskInfo& task, const DockerContext& context);

struct ImageName {
  std::string repository;  // with registry; with "@digest" when there is one
  std::string tag;         // empty with a digest
};

ImageName parse_image(const std::string& image);

// Applies one `docker run` flag, e.g. {"label", "a=b"}.
Result<void> apply_parameter(const model::Parameter& parameter, json::Value& body);

// From an inspect document.
std::vector<model::NetworkInfo> docker_networks(const json::Value& inspected);
// The container's first address, empty when it shares the host's.
std::string docker_address(const json::Value& inspected);

// The Engine's log stream: 8 bytes of header before each piece (not with a terminal).
class DockerLogDecoder {
 public:
  struct Piece {
    int fd = 1;
    std::string text;
  };

  std::vector<Piece> feed(std::string_view bytes);

 private:
  std::string buffer_;
};

}  // namespace ekiden::executor
