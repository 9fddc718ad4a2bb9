#pragma once

#include "core/agent/types.h"

#include <map>
#include <string>
#include <vector>

namespace ekiden::agent {

// What is the same for every container of one agent.
struct ContainerHost {
  std::string work_dir;
  std::string executor_path;
  std::string docker_socket;
  std::string endpoint_file;  // executors find the agent here after it came back on another port
  std::string ip;
  std::uint16_t port = 0;
  Duration shutdown_grace = std::chrono::seconds(5);
  bool switch_user = true;                         // tasks run as the user that they name
  std::map<std::string, std::string> environment;  // of every executor, when nothing else sets it
};

// How a container is made: paths, program, environment. Pure.
struct ContainerSpec {
  ContainerId container;
  std::string sandbox;   // host path
  std::string latest;    // symbolic link beside it
  std::string pid_file;  // the container's first process writes "<pid> <start time>\n" into it
  std::vector<std::string> options;  // of ekiden-executor
  std::vector<std::string> command;  // custom executors: the program to become
  std::vector<std::string> environment;
  std::vector<model::FetchUri> uris;
  std::string user;  // empty: the agent's own
  double cpus = 0;
  double mem_mb = 0;
  std::map<std::string, double> limits;
  std::vector<VolumeMount> volumes;  // their paths absolute
  bool docker = false;
};

ContainerSpec container_spec(const StartContainer& start, const ContainerHost& host);
// A Docker container, or one of Mesos with a Docker image: the engine runs both.
bool needs_engine(const std::optional<model::ContainerInfo>& container);
std::string docker_container_name(const ContainerId& container);
std::string pid_file_of(const std::string& work_dir, const ContainerId& container);

}  // namespace ekiden::agent
