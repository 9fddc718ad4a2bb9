#pragma once

#include "core/net/loop.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ekiden::agent {

// A connection to the socket of a container's first process (core/executor/supervisor.h): RecordIO
// of ProcessIO as JSON. Loop thread only.
class ContainerIo {
 public:
  struct Callbacks {
    std::function<void()> on_open;
    std::function<void(std::string_view)> on_bytes;
    std::function<void()> on_close;  // once: it ended, or could not be opened
  };

  // `kind`: executor::kOutputClient or kInputClient. Tries until the socket is there, or for
  // kOpenMax.
  ContainerIo(net::Loop& loop, std::string folder, char kind, Callbacks callbacks);
  ~ContainerIo();  // closes; no callback comes any more
  ContainerIo(const ContainerIo&) = delete;
  ContainerIo& operator=(const ContainerIo&) = delete;

  void send(std::string bytes);
  std::size_t waiting() const;  // bytes not yet written
  void pause();                 // no more on_bytes until resume()
  void resume();

  static constexpr auto kOpenMax = std::chrono::seconds(10);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ekiden::agent
