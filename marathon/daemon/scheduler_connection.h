#pragma once

#include "core/api/link.h"
#include "core/base/backoff.h"
#include "core/net/loop.h"

#include <functional>
#include <memory>

namespace ekiden::marathon {

// Keeps one link to the master open: opens it again with backoff whenever it breaks. A call that is
// sent while there is none is lost, as on a broken connection; the machine subscribes anew.
class SchedulerConnection {
 public:
  struct Callbacks {
    std::function<void()> opened;
    std::function<void(api::scheduler::Event)> event;
    std::function<void()> closed;
  };

  SchedulerConnection(net::Loop& loop, api::SchedulerConnect connect, Callbacks callbacks);
  void start();
  void send(api::scheduler::Call call);

 private:
  static constexpr Backoff kBackoff{std::chrono::milliseconds(100), 2.0, std::chrono::seconds(10)};

  void open();
  void on_event(api::scheduler::Event event);
  void on_close();

  api::SchedulerConnect connect_;
  Callbacks callbacks_;
  std::unique_ptr<api::SchedulerLink> link_;
  unsigned failures_ = 0;
  net::Timer retry_;
};

}  // namespace ekiden::marathon
