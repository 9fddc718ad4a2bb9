#pragma once

#include "core/base/result.h"

#include <string>
#include <vector>

#include <sys/types.h>

namespace ekiden::lb {

// One HAProxy in master-worker mode that outlives us. Blocking: for the worker thread only.
// Everything of it is in one folder: haproxy.cfg, haproxy.sock (stats), master.sock, haproxy.pid,
// haproxy.log, and haproxy.identity (pid and start time) by which it is recognised again.
class Haproxy {
 public:
  Haproxy(std::string path, std::string folder);
  ~Haproxy();
  Haproxy(const Haproxy&) = delete;
  Haproxy& operator=(const Haproxy&) = delete;

  bool is_installed() const { return installed_; }

  std::string config_file() const { return folder_ + "/haproxy.cfg"; }

  // Takes over the process of an earlier run; false when there is none. A process that merely has
  // the same pid is not touched.
  bool adopt();
  bool is_alive();
  // The error text of a failed start, reload or check is HAProxy's own output.
  Result<void> start();
  Result<void> reload();
  Result<void> check(const std::string& config_file);
  void stop();  // with all its connections

  // One command over the stats socket.
  Result<std::string> command(const std::string& text);
  // The same in each old worker that still finishes connections; their answers.
  std::vector<std::string> command_old_workers(const std::string& text);
  std::vector<pid_t> pids();

 private:
  Result<std::string> ask(const std::string& socket, const std::string& text);
  std::string worker_pid();
  bool is_ours(pid_t pid) const;
  std::string log_since(std::size_t offset) const;
  std::size_t log_size() const;
  Result<void> wait_for_worker(const std::string& old_worker, std::size_t log_offset);

  std::string path_;
  std::string folder_;
  int folder_fd_ = -1;  // sockets are reached through it: their paths may be too long
  bool installed_ = false;
  pid_t master_ = 0;
  std::string started_;  // the master's start time: with the pid its identity
};

}  // namespace ekiden::lb
