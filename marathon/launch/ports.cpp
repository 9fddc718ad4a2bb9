#include "marathon/launch/ports.h"

#include <algorithm>
#include <set>
#include <utility>

namespace ekiden::marathon::launch {

namespace {

bool offers(const std::vector<model::Range>& ranges, std::int32_t port) {
  const auto number = static_cast<std::uint64_t>(port);
  return std::any_of(ranges.begin(), ranges.end(), [&](const model::Range& range) {
    return range.begin <= number && number <= range.end;
  });
}

// The shuffled ranges as one long ring, read from a random place on.
class RandomPorts {
 public:
  RandomPorts(std::vector<model::Range> ranges, PortOrder order, Random& random)
      : ranges_(std::move(ranges)) {
    if (order == PortOrder::ascending) {
      ranges_ = model::normalised(std::move(ranges_));
    }
    for (std::size_t i = order == PortOrder::spread ? ranges_.size() : 0; i > 1; --i) {
      std::swap(ranges_[i - 1], ranges_[random.below(i)]);
    }
    for (const model::Range& range : ranges_) {
      left_ += range.end - range.begin + 1;
    }
    if (left_ > 0 && order == PortOrder::spread) {
      skip_to(random.below(left_));
    }
  }

  std::optional<std::int32_t> next() {
    if (left_ == 0) {
      return std::nullopt;
    }
    --left_;
    const auto port = static_cast<std::int32_t>(ranges_[range_].begin + offset_);
    if (ranges_[range_].begin + ++offset_ > ranges_[range_].end) {
      range_ = (range_ + 1) % ranges_.size();
      offset_ = 0;
    }
    return port;
  }

 private:
  void skip_to(std::uint64_t index) {
    while (index > ranges_[range_].end - ranges_[range_].begin) {
      index -= ranges_[range_].end - ranges_[range_].begin + 1;
      ++range_;
    }
    offset_ = index;
  }

  std::vector<model::Range> ranges_;
  std::size_t range_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t left_ = 0;
};

}  // namespace

std::optional<HostPorts> choose_ports(const std::vector<PortWish>& wishes,
                                      std::vector<model::Range> offered,
                                      PortOrder order,
                                      Random& random) {
  std::set<std::int32_t> fixed;
  for (const PortWish& one : wishes) {
    if (one.kind == PortWish::Kind::fixed &&
        (!offers(offered, one.port) || !fixed.insert(one.port).second)) {
      return std::nullopt;
    }
  }
  HostPorts ports;
  if (wishes.empty()) {
    return ports;
  }
  RandomPorts ring(std::move(offered), order, random);
  for (const PortWish& one : wishes) {
    std::optional<std::int32_t> port;
    if (one.kind == PortWish::Kind::fixed) {
      port = one.port;
    } else if (one.kind == PortWish::Kind::random) {
      do {
        port = ring.next();
      } while (port && fixed.contains(*port));
      if (!port) {
        return std::nullopt;
      }
    }
    ports.push_back(port);
  }
  return ports;
}

}  // namespace ekiden::marathon::launch
