#pragma once

#include "core/api/agent_link.h"
#include "core/api/scheduler.h"

#include <functional>
#include <memory>

namespace ekiden::api {

// One connection between two daemons, seen from the side that opened it. Whether values are passed
// within the process or written to a socket is decided where daemons are put together, nowhere
// else. Loop thread only. Destroying it closes the connection; no callback comes afterwards.
template <class Out>
class Link {
 public:
  virtual ~Link() = default;
  virtual void send(Out message) = 0;  // order is kept; lost when the connection breaks
};

// Opens a connection. `on_message` and `on_close` come later, on the loop thread, never from inside
// this call. After on_close the link is dead: open another one, with backoff.
template <class Out, class In>
using Connect = std::function<std::unique_ptr<Link<Out>>(std::function<void(In)> on_message,
                                                         std::function<void()> on_close)>;

using SchedulerLink = Link<scheduler::Call>;
using SchedulerConnect = Connect<scheduler::Call, scheduler::Event>;
using MasterLink = Link<agent_link::ToMaster>;
using MasterConnect = Connect<agent_link::ToMaster, agent_link::ToAgent>;

}  // namespace ekiden::api
