#pragma once

#include "core/api/link.h"
#include "core/master/types.h"
#include "core/net/loop.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

namespace ekiden::master {

// Links of daemons in this process: values passed by loop.post, so that no callback ever comes from
// inside a call. Loop thread only. Links may outlive the hub: they are dead then.
template <class Out, class In>
class LocalHub : public std::enable_shared_from_this<LocalHub<Out, In>> {
 public:
  using OnMessage = std::function<void(ConnectionId, Out)>;
  using OnClosed = std::function<void(ConnectionId)>;

  // `next` numbers the connections of all hubs of one master.
  LocalHub(net::Loop& loop, ConnectionId& next, OnMessage on_message, OnClosed on_closed)
      : loop_(loop),
        next_(next),
        on_message_(std::move(on_message)),
        on_closed_(std::move(on_closed)) {}

  std::unique_ptr<api::Link<Out>> open(std::function<void(In)> on_message,
                                       std::function<void()> on_close) {
    const ConnectionId id = ++next_;
    ends_[id] = {std::move(on_message), std::move(on_close)};
    return std::make_unique<End>(this->weak_from_this(), id);
  }

  // A link that leads nowhere: the hub has gone, the process is ending.
  static std::unique_ptr<api::Link<Out>> dead() {
    return std::make_unique<End>(std::weak_ptr<LocalHub>(), 0);
  }

  bool has(ConnectionId id) const { return ends_.contains(id); }

  // To the daemon at the other end.
  void send(ConnectionId id, In message) {
    post([id, moved = std::move(message)](LocalHub& hub) {
      if (const auto found = hub.ends_.find(id); found != hub.ends_.end()) {
        const auto deliver = found->second.on_message;  // it may close the link
        deliver(moved);
      }
    });
  }

  // By the master: the other end hears of it, after what was sent before.
  void close(ConnectionId id) {
    post([id](LocalHub& hub) {
      if (const auto found = hub.ends_.find(id); found != hub.ends_.end()) {
        const auto tell = found->second.on_close;
        hub.ends_.erase(id);
        tell();
      }
    });
  }

  void shut_down() { ends_.clear(); }

 private:
  struct Callbacks {
    std::function<void(In)> on_message;
    std::function<void()> on_close;
  };

  class End final : public api::Link<Out> {
   public:
    End(std::weak_ptr<LocalHub> hub, ConnectionId id) : hub_(std::move(hub)), id_(id) {}

    ~End() override {
      if (const auto hub = hub_.lock(); hub != nullptr && hub->ends_.erase(id_) > 0) {
        hub->post([id = id_](LocalHub& h) { h.on_closed_(id); });
      }
    }

    void send(Out message) override {
      if (const auto hub = hub_.lock(); hub != nullptr && hub->has(id_)) {
        hub->post(
            [id = id_, moved = std::move(message)](LocalHub& h) { h.on_message_(id, moved); });
      }
    }

   private:
    std::weak_ptr<LocalHub> hub_;
    ConnectionId id_;
  };

  void post(std::function<void(LocalHub&)> work) {
    loop_.post([weak = this->weak_from_this(), moved = std::move(work)] {
      if (const auto hub = weak.lock(); hub != nullptr) {
        moved(*hub);
      }
    });
  }

  net::Loop& loop_;
  ConnectionId& next_;
  OnMessage on_message_;
  OnClosed on_closed_;
  std::map<ConnectionId, Callbacks> ends_;
};

using SchedulerHub = LocalHub<api::scheduler::Call, api::scheduler::Event>;
using AgentHub = LocalHub<api::agent_link::ToMaster, api::agent_link::ToAgent>;

}  // namespace ekiden::master
