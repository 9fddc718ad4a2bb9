#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>

namespace ekiden {

// A string that names one kind of thing; a TaskId never fits where an AgentId goes.
template <class Tag>
struct Id {
  std::string value;
  auto operator<=>(const Id&) const = default;
  bool empty() const { return value.empty(); }
};

using AgentId = Id<struct AgentTag>;
using FrameworkId = Id<struct FrameworkTag>;
using OfferId = Id<struct OfferTag>;
using TaskId = Id<struct TaskTag>;
using ExecutorId = Id<struct ExecutorTag>;
using OperationId = Id<struct OperationTag>;
using ResourceProviderId = Id<struct ResourceProviderTag>;
// Of a nested container with those above it: "root.child". No part of it has a dot of its own.
using ContainerId = Id<struct ContainerTag>;
using DeploymentId = Id<struct DeploymentTag>;

}  // namespace ekiden

template <class Tag>
struct std::hash<ekiden::Id<Tag>> {
  std::size_t operator()(const ekiden::Id<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.value);
  }
};
