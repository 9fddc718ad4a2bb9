#include "marathon/change/draft.h"

#include <algorithm>
#include <deque>

#include <fmt/core.h>

namespace ekiden::marathon::change {
namespace {

constexpr std::int32_t kPortCount = 65536;

template <class Visit>
void for_each_service_port(const App& app, Visit visit) {
  if (app.uses_host_network()) {
    for (const PortDefinition& definition : app.port_definitions) {
      visit(definition.port);
    }
  } else if (app.container) {
    for (const PortMapping& mapping : app.container->port_mappings) {
      visit(mapping.service_port);
    }
  }
}

std::vector<std::int32_t*> service_port_slots(App& app) {
  std::vector<std::int32_t*> slots;
  if (app.uses_host_network()) {
    for (PortDefinition& definition : app.port_definitions) {
      slots.push_back(&definition.port);
    }
  } else if (app.container) {
    for (PortMapping& mapping : app.container->port_mappings) {
      slots.push_back(&mapping.service_port);
    }
  }
  return slots;
}

}  // namespace

PortPool::PortPool(const Root& before, std::vector<AppPtr> changed, const Settings& settings)
    : before_(before),
      changed_(std::move(changed)),
      settings_(settings),
      next_(settings.local_port_min) {}

void PortPool::mark(const App& app) {
  for_each_service_port(app, [this](std::int32_t port) {
    if (port >= 0 && static_cast<std::size_t>(port) < used_.size()) {
      used_[static_cast<std::size_t>(port)] = true;
    }
  });
}

// Once, and only when a port is really needed: it looks at every app.
void PortPool::find_used() {
  used_.resize(kPortCount);
  before_.apps.for_each([this](const PathId&, const AppPtr& app) { mark(*app); });
  for (const AppPtr& app : changed_) {
    mark(*app);
  }
}

std::optional<std::int32_t> PortPool::take_lowest() {
  if (used_.empty()) {
    find_used();
  }
  while (next_ <= settings_.local_port_max && next_ < kPortCount) {
    const std::int32_t port = next_++;
    if (!used_[static_cast<std::size_t>(port)]) {
      return port;
    }
  }
  return std::nullopt;
}

Result<void> PortPool::assign(App& app, const App* old) {
  const auto wanted = app.service_ports();
  std::deque<std::int32_t> former;
  for (std::int32_t port : old == nullptr ? std::vector<std::int32_t>{} : old->service_ports()) {
    const bool in_range = port >= settings_.local_port_min && port <= settings_.local_port_max;
    if (in_range && std::find(wanted.begin(), wanted.end(), port) == wanted.end()) {
      former.push_back(port);
    }
  }
  for (std::int32_t* slot : service_port_slots(app)) {
    if (*slot != 0) {
      continue;
    }
    if (!former.empty()) {
      *slot = former.front();
      former.pop_front();
      continue;
    }
    const auto port = take_lowest();
    if (!port) {
      const std::string reason = fmt::format("All ports in the range [{}-{}) are already in use",
                                             settings_.local_port_min,
                                             settings_.local_port_max);
      return fail(Error{ErrorCode::invalid, "Object is not valid", {{"/", reason}}});
    }
    *slot = *port;
  }
  return {};
}

}  // namespace ekiden::marathon::change
