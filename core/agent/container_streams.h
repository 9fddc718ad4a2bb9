#pragma once

#include "core/base/id.h"
#include "core/base/result.h"
#include "core/net/loop.h"
#include "core/net/message.h"
#include "core/wire/media.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace ekiden::agent {

// HTTP streams of what containers say and are told [mesos-core 4.4]. A slow reader makes its
// container wait; nothing is lost and nothing grows. Loop thread only.
class ContainerStreams {
 public:
  using FindFolder = std::function<Result<std::string>(const ContainerId&)>;

  ContainerStreams(net::Loop& loop, Duration heartbeat);
  ~ContainerStreams();  // all end

  // The streamed response: RecordIO of ProcessIO. A session's container ends with it.
  net::Response output(const std::string& folder, wire::Media media, bool framed);
  // The body is RecordIO of calls, the first names the container. Answers when that has ended.
  void input(net::Request request, wire::Media media, net::Responder respond, FindFolder find);

  std::size_t size() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ekiden::agent
