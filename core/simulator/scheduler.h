#pragma once

#include "core/api/link.h"
#include "core/base/clock.h"
#include "core/net/loop.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace ekiden::simulator {

struct SchedulerOptions {
  std::string role = "*";
  std::size_t tasks_per_agent = 10;
  double cpus = 0.01;
  double mem = 32;
  std::size_t labels = 3;  // of each task
  std::string command = "sleep 100000";
};

// A plain framework on the v1 scheduler API: wants so many tasks, spreads them evenly over the
// agents, replaces those that end, acknowledges every update. Loop thread only.
class Scheduler {
 public:
  Scheduler(net::Loop& loop,
            const Clock& clock,
            SchedulerOptions options,
            api::SchedulerConnect connect);

  void want(std::size_t tasks);  // runs; connects at the first call
  void allow(std::size_t tasks_per_agent);
  void kill_all();        // wants none any more
  void ask_for_offers();  // REVIVE; what comes and is not needed is declined for long

  std::size_t running() const { return running_; }

  std::size_t alive() const { return tasks_.size(); }  // launched and not ended

  bool connected() const { return !id_.empty() && link_ != nullptr && subscribed_; }

  std::size_t offers() const { return offers_; }  // since ask_for_offers

  Time last_offer() const { return last_offer_; }

  Time first_offer() const { return first_offer_; }  // of all

  Time last_running() const { return last_running_; }

  Time last_ended() const { return last_ended_; }

  std::uint64_t lost() const { return lost_; }  // ended without our order

  std::uint64_t unexpected() const { return unexpected_; }  // updates of tasks we never launched

  std::uint64_t reconnects() const { return reconnects_; }

 private:
  struct Task {
    std::string agent;
    bool running = false;
  };

  void connect();
  void revive();
  void on(const api::scheduler::Event& event);
  void on_offers(const api::scheduler::Offers& offers);
  void on_update(const model::TaskStatus& status);
  void accept(const model::Offer& offer, std::size_t count);
  model::TaskInfo task(const model::Offer& offer);
  void send(decltype(api::scheduler::Call::body) body);

  const Clock& clock_;
  SchedulerOptions options_;
  api::SchedulerConnect connect_;
  std::unique_ptr<api::SchedulerLink> link_;
  net::Timer again_;
  net::Timer revive_;
  std::string id_;
  bool subscribed_ = false;
  bool killing_ = false;
  std::size_t wanted_ = 0;
  std::uint64_t next_task_ = 0;
  std::unordered_map<std::string, Task> tasks_;
  std::unordered_map<std::string, std::size_t> on_agent_;
  std::size_t running_ = 0;
  std::size_t offers_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t unexpected_ = 0;
  std::uint64_t reconnects_ = 0;
  Time first_offer_ = kNever;
  Time last_offer_{};
  Time last_running_{};
  Time last_ended_{};
};

}  // namespace ekiden::simulator
