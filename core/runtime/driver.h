#pragma once

#include "core/base/clock.h"
#include "core/base/record.h"
#include "core/net/loop.h"
#include "core/store/store.h"

#include <deque>
#include <functional>
#include <memory>
#include <utility>

// Runs a machine: step, commit, dispatch, next deadline (style.md 2.5).
//
// A machine is a class with
//   using Input = ...;                      // a variant of everything that can happen to it
//   struct Effects { Batch persist; ... };  // persist first; the rest leaves after the commit
//   Effects step(const Input& input, Now now);   // never blocks, throws or reads a clock
//   Effects tick(Now now);                        // its deadline has come
//   Time next_deadline() const;
namespace ekiden::runtime {

// The part without a type: keeps order. Everything that leaves waits behind the commits before it.
class CommitQueue {
 public:
  // A failed commit calls on_failure(error) once, on the loop thread; nothing is dispatched after
  // it.
  CommitQueue(net::Loop& loop, store::Store& store, std::function<void(Error)> on_failure);
  ~CommitQueue();
  // Loop thread. Commits `batch` (when not empty), then runs `dispatch`, in the order of the calls.
  // An empty batch with nothing in flight dispatches at once.
  void submit(Batch batch, std::function<void()> dispatch);
  std::size_t in_flight() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

template <class Machine>
class Driver {
 public:
  using Input = typename Machine::Input;
  using Effects = typename Machine::Effects;
  using Dispatch = std::function<void(Effects)>;  // persist is already durable and empty

  Driver(net::Loop& loop,
         const Clock& clock,
         Machine& machine,
         CommitQueue& commits,
         Dispatch dispatch)
      : loop_(loop),
        clock_(clock),
        machine_(machine),
        commits_(commits),
        dispatch_(std::move(dispatch)),
        timer_(loop, [this] { run(machine_.tick(clock_.now())); }) {}

  // Loop thread only.
  void handle(const Input& input) { run(machine_.step(input, clock_.now())); }

  // Any thread. The driver must outlive the loop's work.
  void post(Input input) {
    loop_.post([this, moved = std::move(input)] { handle(moved); });
  }

  // Once, after everything is wired: arms the timer.
  void start() { run(machine_.tick(clock_.now())); }

 private:
  void run(Effects effects) {
    Batch batch = std::move(effects.persist);
    effects.persist.clear();
    auto rest = std::make_shared<Effects>(std::move(effects));
    commits_.submit(std::move(batch), [this, rest] { dispatch_(std::move(*rest)); });
    timer_.set(machine_.next_deadline());
  }

  net::Loop& loop_;
  const Clock& clock_;
  Machine& machine_;
  CommitQueue& commits_;
  Dispatch dispatch_;
  net::Timer timer_;
};

}  // namespace ekiden::runtime
