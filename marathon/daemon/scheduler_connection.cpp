#include "marathon/daemon/scheduler_connection.h"

#include "core/base/log.h"

namespace ekiden::marathon {

SchedulerConnection::SchedulerConnection(net::Loop& loop,
                                         api::SchedulerConnect connect,
                                         Callbacks callbacks)
    : connect_(std::move(connect)),
      callbacks_(std::move(callbacks)),
      retry_(loop, [this] { open(); }) {}

void SchedulerConnection::start() {
  open();
}

void SchedulerConnection::open() {
  link_ = connect_([this](api::scheduler::Event event) { on_event(std::move(event)); },
                   [this] { on_close(); });
  if (link_) {
    callbacks_.opened();
  } else {
    on_close();
  }
}

void SchedulerConnection::on_event(api::scheduler::Event event) {
  failures_ = 0;  // only a master that talks counts as there
  callbacks_.event(std::move(event));
}

// The link may be on the stack above this call, so that it is not destroyed here.
void SchedulerConnection::on_close() {
  const Duration delay = kBackoff.delay(++failures_);
  log::info("the connection to the master is closed; trying again in {}", to_text(delay));
  callbacks_.closed();
  retry_.set_after(delay);
}

void SchedulerConnection::send(api::scheduler::Call call) {
  if (link_) {
    link_->send(std::move(call));
  }
}

}  // namespace ekiden::marathon
