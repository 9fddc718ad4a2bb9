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
// yet; it may come between any two things that are sent. A paused process (SIGSTOP) hears nothing,
// sends nothing and goes on later with what has piled up and with the timers of before.
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
    paused_ = false;
    piled_up_.clear();
    outputs_left_ = 0;
  }

  // The process crashes by itself before the so-many-th thing it sends from now on.
  void crash_in(int outputs, std::function<void()> crash) {
    outputs_left_ = outputs;
    crash_ = std::move(crash);
  }

  // Asked before each thing that is sent; false: the process is dead, stop.
  bool sends() {
    if (machine_ == nullptr) {
      return false;
    }
    if (outputs_left_ > 0 && --outputs_left_ == 0) {
      crash_();
    }
    return machine_ != nullptr;
  }

  void pause() {
    if (machine_ != nullptr && !paused_) {
      queue_.trace("pause " + name_);
      paused_ = true;
    }
  }

  void resume() {
    if (!paused_) {
      return;
    }
    queue_.trace("resume " + name_);
    paused_ = false;
    const auto piled_up = std::exchange(piled_up_, {});
    for (const auto& action : piled_up) {
      action();
    }
  }

  bool paused() const { return paused_; }

  void set_name(std::string name) { name_ = std::move(name); }

  void handle(const Input& input) {
    if (machine_ != nullptr) {
      when_awake([this, input] { run(machine_->step(input, queue_.now())); });
    }
  }

 private:
  struct Pending {
    Batch batch;
    std::shared_ptr<Effects> rest;
  };

  // Now, or when the process goes on; never in another life.
  void when_awake(std::function<void()> action) {
    if (!paused_) {
      action();
      return;
    }
    piled_up_.push_back([this, life = life_, moved = std::move(action)] {
      if (life == life_ && machine_ != nullptr) {
        moved();
      }
    });
  }

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
        when_awake([this] {
          Pending first = std::move(pending_.front());
          pending_.pop_front();
          pumping_ = false;
          dispatch_(std::move(*first.rest));
          pump();
        });
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
      if (paused_) {
        when_awake([this] { run(machine_->tick(queue_.now())); });
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
  bool paused_ = false;
  std::deque<std::function<void()>> piled_up_;
  int outputs_left_ = 0;  // 0: no crash is planned
  std::function<void()> crash_;
  std::uint64_t life_ = 0;
  std::uint64_t timer_ = 0;
  int ticks_ = 0;
  Time last_tick_{};
};

}  // namespace ekiden::sim
