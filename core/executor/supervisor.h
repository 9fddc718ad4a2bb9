#pragma once

#include "core/executor/processes.h"
#include "core/net/loop.h"

#include <csignal>
#include <string>
#include <vector>

// The first process of a container that is launched through the agent's operator API: it starts the
// command, holds its terminal or pipes, and writes down how it ended, so that all of it survives a
// restart of the agent [mesos-core 4.3, 4.4].
namespace ekiden::executor {

struct Supervision {
  enum class Io {
    files,     // output goes to our own, into the sandbox
    pipes,     // through the socket "io"
    terminal,  // through the socket and, unless it is a session, to our own output
  };

  std::string state;  // our folder: "status" and "io"; empty: nothing is supervised
  Io io = Io::files;
  bool session = false;  // starts with its first client and ends with it
  unsigned rows = 0;     // of the terminal; 0: the system's own idea
  unsigned columns = 0;
};

// "--state", "--io", "--session", "--window"; false for any other.
bool read_option(const std::string& name, const std::string& value, Supervision& supervision);

// What a client of the socket says first, one byte.
inline constexpr char kOutputClient = 'o';  // gets RecordIO of ProcessIO
inline constexpr char kInputClient = 'i';   // sends it

// An agent signals the command of a container by signalling us: the real-time signal of this
// number and SIGKILL's means everything in it.
inline int supervisor_signal(int signal) {
  return SIGRTMIN + signal;
}

inline constexpr int kSignalMax = 30;

// Returns when the container has ended.
int supervise(net::Loop& loop,
              const Supervision& supervision,
              const std::vector<std::string>& command,
              const std::optional<User>& user);

}  // namespace ekiden::executor
