#pragma once

#include "core/base/result.h"
#include "core/model/offer.h"
#include "core/model/resources.h"

// What RESERVE, UNRESERVE, CREATE, DESTROY, GROW_VOLUME and SHRINK_VOLUME do to resources
// [mesos-core 2.7, 5.6]. The master does it to what it offers and the agent to what it has: the
// same function, so that both come to the same total. All without allocation roles.
namespace ekiden::model {

// Takes `consumed` away and gives `produced`: the total stays the same in quantity.
struct Conversion {
  Resources consumed;
  Resources produced;
  bool operator==(const Conversion&) const = default;
};

// False for the launches.
bool converts_resources(Operation::Type type);
// What the operation turns into what; a text when its members do not make sense together.
Result<Conversion> conversion(const Operation& operation);
// The resources after the operation; a text when something that it consumes is not there.
Result<Resources> apply(const Resources& total, const Operation& operation);
// The volume as plain disk: without persistence and place in a container, with its source.
Resource without_volume(Resource volume);
// Every resource of an operation that the master or a scheduler might give an allocation role.
void set_allocation(Operation& operation, const std::optional<std::string>& role);

}  // namespace ekiden::model
