#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ekiden::cli {

// A master in a process of its own, for simulations: can be killed and started again on its port
// and records. Destroying it kills it; a temporary folder goes with it.
class SimulatedMaster {
 public:
  SimulatedMaster(std::filesystem::path folder, std::vector<std::string> flags);
  ~SimulatedMaster();
  SimulatedMaster(const SimulatedMaster&) = delete;
  SimulatedMaster& operator=(const SimulatedMaster&) = delete;

  Result<void> start();  // the first time on any free port
  bool ready();          // it has said where it listens
  bool alive();
  void kill();  // -9

  int pid() const { return pid_; }

  std::string url() const;

 private:
  std::filesystem::path folder_;
  bool temporary_ = false;
  std::vector<std::string> flags_;
  std::uint16_t port_ = 0;
  int pid_ = 0;
};

// Of a process of this host; zero when it has gone.
struct ProcessUsage {
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
};

ProcessUsage usage_of(int pid);
int own_pid();

}  // namespace ekiden::cli
