#include "marathon/launch/queue.h"

#include <algorithm>

namespace ekiden::marathon::launch {

namespace {

// A funnel: what one reason declined does not reach the next.
std::vector<RejectCount> funnel(const std::array<std::uint64_t, kRejectCount>& declined,
                                std::uint64_t processed) {
  std::vector<RejectCount> counts;
  for (std::size_t i = 0; i < kRejectCount; ++i) {
    counts.push_back({std::string(to_text(static_cast<Reject>(i))), declined[i], processed});
    processed -= std::min(processed, declined[i]);
  }
  return counts;
}

}  // namespace

void Queue::add(std::uint64_t instance, const std::string& role, WallTime now) {
  if (waiting_.empty()) {
    *this = Queue();
    since_ = now;
  }
  if (waiting_.insert(instance).second) {
    ++roles_[role];
  }
}

void Queue::remove(std::uint64_t instance, const std::string& role) {
  if (waiting_.erase(instance) > 0 && --roles_[role] == 0) {
    roles_.erase(role);
  }
}

void Queue::used(const model::Offer& offer, WallTime now) {
  ++processed_;
  last_used_at_ = now;
  last_unused_.erase(offer.agent_id);
}

void Queue::unused(const model::Offer& offer, const Rejects& rejects, WallTime now) {
  ++processed_;
  ++unused_;
  last_unused_at_ = now;
  ++attempts_;
  if (!rejects.empty()) {
    ++declined_[static_cast<std::size_t>(*rejects.begin())];
  }
  last_unused_.insert_or_assign(offer.agent_id, Unused{offer, rejects, now});
  if (last_unused_.size() > kUnusedOffersMax) {
    last_unused_.erase(std::min_element(
        last_unused_.begin(), last_unused_.end(), [](const auto& a, const auto& b) {
          return a.second.at < b.second.at;
        }));
  }
}

QueueView Queue::view() const {
  QueueView view;
  view.count = static_cast<std::int32_t>(waiting_.size());
  view.roles = roles_;
  view.since = since_;
  view.processed_offers = processed_;
  view.unused_offers = unused_;
  view.last_unused_offer_at = last_unused_at_;
  view.last_used_offer_at = last_used_at_;
  view.launch_attempt = funnel(declined_, attempts_);
  std::array<std::uint64_t, kRejectCount> last{};
  for (const auto& [agent, unused] : last_unused_) {
    QueueView::UnusedOffer entry{unused.offer, {}, unused.at};
    for (const Reject reason : unused.rejects) {
      entry.reasons.emplace_back(to_text(reason));
    }
    if (!unused.rejects.empty()) {
      ++last[static_cast<std::size_t>(*unused.rejects.begin())];
    }
    view.last_unused_offers.push_back(std::move(entry));
  }
  view.last_offers = funnel(last, last_unused_.size());
  return view;
}

}  // namespace ekiden::marathon::launch
