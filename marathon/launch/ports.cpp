#include "marathon/launch/ports.h"

#include <algorithm>
#include <set>
#include <utility>

namespace ekiden::marathon::launch {

namespace {

// What one slot asks for.
struct Wanted {
  enum class Kind { none, fixed, random };
  Kind kind = Kind::none;
  std::int32_t port = 0;
};

Wanted from_mapping(const PortMapping& mapping) {
  if (!mapping.host_port) {
    return {};
  }
  if (*mapping.host_port == 0) {
    return {Wanted::Kind::random, 0};
  }
  return {Wanted::Kind::fixed, *mapping.host_port};
}

std::vector<Wanted> wanted_ports(const App& app) {
  std::vector<Wanted> wanted;
  if (app.container && !app.container->port_mappings.empty()) {
    for (const PortMapping& mapping : app.container->port_mappings) {
      wanted.push_back(from_mapping(mapping));
    }
    return wanted;
  }
  for (const PortDefinition& definition : app.port_definitions) {
    const bool fixed = app.require_ports && definition.port != 0;
    wanted.push_back({fixed ? Wanted::Kind::fixed : Wanted::Kind::random, definition.port});
  }
  return wanted;
}

bool offers(const std::vector<model::Range>& ranges, std::int32_t port) {
  const auto number = static_cast<std::uint64_t>(port);
  return std::any_of(ranges.begin(), ranges.end(), [&](const model::Range& range) {
    return range.begin <= number && number <= range.end;
  });
}

// The shuffled ranges as one long ring, read from a random place on.
class RandomPorts {
 public:
  RandomPorts(std::vector<model::Range> ranges, Random& random) : ranges_(std::move(ranges)) {
    for (std::size_t i = ranges_.size(); i > 1; --i) {
      std::swap(ranges_[i - 1], ranges_[random.below(i)]);
    }
    for (const model::Range& range : ranges_) {
      left_ += range.end - range.begin + 1;
    }
    if (left_ > 0) {
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

std::optional<HostPorts> choose_ports(const App& app,
                                      std::vector<model::Range> offered,
                                      Random& random) {
  const std::vector<Wanted> wanted = wanted_ports(app);
  std::set<std::int32_t> fixed;
  for (const Wanted& one : wanted) {
    if (one.kind == Wanted::Kind::fixed) {
      if (!offers(offered, one.port) || !fixed.insert(one.port).second) {
        return std::nullopt;
      }
    }
  }
  RandomPorts ring(std::move(offered), random);
  HostPorts ports;
  for (const Wanted& one : wanted) {
    std::optional<std::int32_t> port;
    if (one.kind == Wanted::Kind::fixed) {
      port = one.port;
    } else if (one.kind == Wanted::Kind::random) {
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
