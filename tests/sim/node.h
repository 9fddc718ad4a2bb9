#pragma once

#include "core/base/check.h"
#include "core/base/record.h"
#include "tests/sim/event_queue.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ekiden::sim {

// What a node has committed; it survives crashes.
class Disk {
 public:
  void apply(const Batch& batch) {
    for (const Record& record : batch) {
      if (record.value) {
        kinds_[record.kind][record.key] = *record.value;
      } else {
        kinds_[record.kind].erase(record.key);
      }
    }
  }

  std::vector<std::pair<std::string, std::string>> load(const std::string& kind) const {
    const auto found = kinds_.find(kind);
    return found == kinds_.end() ? std::vector<std::pair<std::string, std::string>>()
                                 : std::vector<std::pair<std::string, std::string>>(
                                       found->second.begin(), found->second.end());
  }

  bool mentions(const std::string& kind, const std::string& text) const {
    const auto found = kinds_.find(kind);
    return found != kinds_.end() &&
           std::any_of(found->second.begin(), found->second.end(), [&](const auto& entry) {
             return entry.second.find(text) != std::string::npos;
           });
  }

 private:
  std::map<std::string, std::map<std::string, std::string>> kinds_;
};

// A machine with the driver's rule (style.md 2.5): effects leave in order, each after the commit of
// what it must not precede. A crash loses the memory, commits under way and everything not sent
// yet.
template <class Machine>
class Node {
 public:
  using Effects = typename Machine::Effects;
  using Input = typename Machine::Input;
  using Make = std::function<std::unique_ptr<Machine>(const Disk&, Now)>;
  using Dispatch = std::function<void(Effects)>;
  static constexpr int kTicksWithoutProgressMax = 1000;

  Node(EventQueue& queue, std::string name, Make make, Dispatch dispatch)
      : queue_(queue),
        name_(std::move(name)),
        make_(std::move(make)),
        dispatch_(std::move(dispatch)) {}

  bool up() const { return machine_ != nullptr; }

  Machine& machine() { return *machine_; }

  const Disk& disk() const { return disk_; }

  std::uint64_t life() const { return life_; }  // which start of it this is

  std::function<void()> after_step;  // invariants that look at single steps

  void start() {
    queue_.trace("start " + name_);
    machine_ = make_(disk_, queue_.now());
    ++life_;
    run(machine_->tick(queue_.now()));
  }

  void crash() {
    queue_.trace("crash " + name_);
    machine_.reset();
    ++life_;
    pending_.clear();
    pumping_ = false;
  }

  void handle(const Input& input) {
    if (machine_ != nullptr) {
      run(machine_->step(input, queue_.now()));
    }
  }

 private:
  struct Pending {
    Batch batch;
    std::shared_ptr<Effects> rest;
  };

  void run(Effects fx) {
    queue_.touch();
    if (after_step) {
      after_step();
    }
    Batch batch = std::move(fx.persist);
    fx.persist.clear();
    pending_.push_back({std::move(batch), std::make_shared<Effects>(std::move(fx))});
    pump();
    arm();
  }

  void pump() {
    if (pumping_ || pending_.empty()) {
      return;
    }
    pumping_ = true;
    const Duration disk_time = pending_.front().batch.empty()
                                   ? Duration{}
                                   : queue_.between(Duration{}, std::chrono::milliseconds(5));
    queue_.after(disk_time, [this, life = life_] {
      if (life != life_) {
        return;
      }
      disk_.apply(pending_.front().batch);
      queue_.after(Duration{}, [this, life] {  // a crash may come between commit and dispatch
        if (life != life_) {
          return;
        }
        Pending first = std::move(pending_.front());
        pending_.pop_front();
        pumping_ = false;
        dispatch_(std::move(*first.rest));
        pump();
      });
    });
  }

  void arm() {
    const Time when = machine_->next_deadline();
    const std::uint64_t generation = ++timer_;
    if (when == kNever) {
      return;
    }
    queue_.at(when, [this, life = life_, generation] {
      if (life != life_ || generation != timer_) {
        return;
      }
      const Time now = queue_.now().time;
      ticks_ = now == last_tick_ ? ticks_ + 1 : 0;
      last_tick_ = now;
      CHECK(ticks_ < kTicksWithoutProgressMax, "{} is busy without an end", name_);
      run(machine_->tick(queue_.now()));
    });
  }

  EventQueue& queue_;
  std::string name_;
  Make make_;
  Dispatch dispatch_;
  std::unique_ptr<Machine> machine_;
  Disk disk_;
  std::deque<Pending> pending_;
  bool pumping_ = false;
  std::uint64_t life_ = 0;
  std::uint64_t timer_ = 0;
  int ticks_ = 0;
  Time last_tick_{};
};

}  // namespace ekiden::sim
