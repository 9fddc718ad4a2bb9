#include "marathon/marathon.h"

#include "core/base/overloaded.h"
#include "marathon/machine/state.h"

#include <utility>

namespace ekiden::marathon {

namespace {

constexpr std::size_t kTimersPerTickMax = 100'000;  // the rest follows in the next tick

}  // namespace

Marathon::Marathon(Settings settings, Random random)
    : state_(std::make_unique<State>(std::move(settings), random)) {}

Marathon::~Marathon() = default;

Result<void> Marathon::load(const std::vector<Record>& records, Now now) {
  state_->now = now;
  return state_->load(records);
}

Marathon::Effects Marathon::step(const Input& input, Now now) {
  State& state = *state_;
  state.now = now;
  std::visit(Overloaded{[&](const SchedulerEvent& one) {
                          std::visit([&](const auto& event) { state.on_event(event); }, one.event);
                        },
                        [&](const Command& one) {
                          std::visit([&](const auto& command) { state.on_command(command); }, one);
                        },
                        [&](const auto& one) { state.on_input(one); }},
             input);
  state.settle();
  return std::exchange(state.effects, {});
}

Marathon::Effects Marathon::tick(Now now) {
  State& state = *state_;
  state.now = now;
  for (std::size_t i = 0; i < kTimersPerTickMax; ++i) {
    const std::optional<DeadlineKey> key = state.deadlines.pop_due(now.time);
    if (!key) {
      break;
    }
    state.fire(*key);
  }
  state.settle();
  return std::exchange(state.effects, {});
}

Time Marathon::next_deadline() const {
  return state_->deadlines.next();
}

std::optional<Root> Marathon::root_at(WallTime version) const {
  const auto found = state_->root_history.find(version);
  return found == state_->root_history.end() ? std::nullopt : std::optional(found->second);
}

SnapshotPtr Marathon::snapshot() const {
  if (!state_->published) {
    state_->published = std::make_shared<const Snapshot>(state_->view);
  }
  return state_->published;
}

}  // namespace ekiden::marathon
