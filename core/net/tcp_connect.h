#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/net/loop.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace ekiden::net {

struct TcpTarget {
  std::string host;  // a name or an address
  std::uint16_t port = 0;
  Duration timeout = std::chrono::seconds(20);
};

// Opens a TCP connection and closes it again: is somebody listening? `done` comes once, on the loop
// thread, never from inside the constructor; destroying the object drops it. Loop thread only.
class TcpConnect {
 public:
  TcpConnect(Loop& loop, TcpTarget target, std::function<void(Result<void>)> done);
  ~TcpConnect();
  TcpConnect(const TcpConnect&) = delete;
  TcpConnect& operator=(const TcpConnect&) = delete;

 private:
  struct Attempt;
  std::shared_ptr<Attempt> attempt_;
};

}  // namespace ekiden::net
