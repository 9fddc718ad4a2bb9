#pragma once

#include "tests/sim/event_queue.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace ekiden::sim {

struct Weather {  // drawn from the seed
  Duration latency_max = std::chrono::milliseconds(20);
  double slow = 0.01;  // a message takes up to two seconds
  double loss = 0;     // of single messages, where the protocol says they may get lost
  double duplicate = 0;
  double reorder = 0;  // a message is late and others overtake it
};

// The links of one kind: order is kept in each direction (but for Weather::reorder), what is under
// way is lost when a link breaks. `Up` flows from who opened the link, `Down` back.
template <class Up, class Down>
class Links {
 public:
  struct Ends {
    std::function<void(std::uint64_t, Up)> to_server;
    std::function<void(std::uint64_t)> server_closed;
  };

  struct Client {
    std::function<void(std::uint64_t, Down)> message;
    std::function<void(std::uint64_t)> closed;
  };

  Links(EventQueue& queue, Ends server) : queue_(queue), server_(std::move(server)) {}

  void set_weather(Weather weather) { weather_ = weather; }

  std::uint64_t open(Client client) {
    const std::uint64_t id = next_id_++;
    links_[id] = {std::move(client), queue_.now().time, queue_.now().time};
    return id;
  }

  void send_up(std::uint64_t id, Up message) {
    deliver(id, &Link::last_up, [this, id, moved = std::move(message)](Link&) {
      server_.to_server(id, moved);
    });
  }

  void send_down(std::uint64_t id, Down message) {
    deliver(id, &Link::last_down, [id, moved = std::move(message)](Link& link) {
      const auto client = link.client;
      client.message(id, moved);
    });
  }
  enum class Hears { both, client_only, server_only, nobody };

  void break_link(std::uint64_t id, Hears who) {
    const auto found = links_.find(id);
    if (found == links_.end()) {
      return;
    }
    const Client client = found->second.client;
    const Time down = std::max(found->second.last_down, queue_.now().time);
    links_.erase(found);
    if (who == Hears::both || who == Hears::server_only) {
      queue_.after(delay(), [this, id] { server_.server_closed(id); });
    }
    if (who == Hears::both || who == Hears::client_only) {
      queue_.at(down + delay(), [client, id] { client.closed(id); });
    }
  }

  // By the server, after what it sent before.
  void close_from_server(std::uint64_t id) {
    deliver_surely(id, &Link::last_down, [this, id](Link& link) {
      const Client client = link.client;
      links_.erase(id);
      client.closed(id);
    });
  }

  std::vector<std::uint64_t> all() const {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, link] : links_) {
      ids.push_back(id);
    }
    return ids;
  }

 private:
  struct Link {
    Client client;
    Time last_up;
    Time last_down;
  };

  using Action = std::function<void(Link&)>;

  Duration delay() {
    const Duration limit =
        queue_.chance(weather_.slow) ? std::chrono::seconds(2) : weather_.latency_max;
    return queue_.between(std::chrono::microseconds(100), limit);
  }

  void deliver(std::uint64_t id, Time Link::*last, Action action) {
    if (queue_.chance(weather_.loss)) {
      return;
    }
    const bool twice = queue_.chance(weather_.duplicate);
    if (queue_.chance(weather_.reorder)) {
      deliver_at(
          id, queue_.now().time + queue_.between(Duration{}, std::chrono::seconds(3)), action);
    } else {
      deliver_surely(id, last, action);
    }
    if (twice) {
      deliver_surely(id, last, std::move(action));
    }
  }

  void deliver_surely(std::uint64_t id, Time Link::*last, Action action) {
    const auto found = links_.find(id);
    if (found == links_.end()) {
      return;
    }
    Time& slot = found->second.*last;
    slot = std::max(slot, queue_.now().time + delay());
    deliver_at(id, slot, std::move(action));
  }

  void deliver_at(std::uint64_t id, Time when, Action action) {
    queue_.at(when, [this, id, moved = std::move(action)] {
      if (const auto link = links_.find(id); link != links_.end()) {
        moved(link->second);
      }
    });
  }

  EventQueue& queue_;
  Ends server_;
  Weather weather_;
  std::map<std::uint64_t, Link> links_;
  std::uint64_t next_id_ = 1;  // the master keeps apart the links of agents and of frameworks
};

}  // namespace ekiden::sim
