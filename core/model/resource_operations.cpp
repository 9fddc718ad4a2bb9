#include "core/model/resource_operations.h"

#include <fmt/core.h>

namespace ekiden::model {
namespace {

Resources bare(const std::vector<Resource>& list) {
  return Resources(list).with_allocation(std::nullopt);
}

Resource bare(Resource resource) {
  resource.allocation_role.reset();
  return resource;
}

Result<Conversion> reserve(const Operation& operation) {
  Conversion result;
  result.produced = bare(operation.resources);
  if (!operation.reserve_source.empty()) {
    result.consumed = bare(operation.reserve_source);
    if (result.consumed.quantities() != result.produced.quantities()) {
      return fail(ErrorCode::invalid,
                  "the source of the reservation and what is reserved differ in quantity");
    }
    return result;
  }
  for (Resource resource : operation.resources) {
    if (resource.reservations.empty()) {
      return fail(ErrorCode::invalid,
                  fmt::format("resource {} to be reserved has no reservation", resource.name));
    }
    resource.reservations.pop_back();
    result.consumed += bare(std::move(resource));
  }
  return result;
}

Result<Conversion> unreserve(const Operation& operation) {
  Conversion result;
  for (Resource resource : operation.resources) {
    result.consumed += bare(resource);
    if (resource.reservations.empty()) {
      return fail(ErrorCode::invalid,
                  fmt::format("resource {} to be unreserved has no reservation", resource.name));
    }
    resource.reservations.pop_back();
    result.produced += bare(std::move(resource));
  }
  return result;
}

Conversion create(const Operation& operation) {
  Conversion result;
  for (const Resource& volume : operation.resources) {
    result.consumed += without_volume(bare(volume));
    result.produced += bare(volume);
  }
  return result;
}

Result<Conversion> grow(const Operation& operation) {
  if (!operation.volume || !operation.addition) {
    return fail(ErrorCode::invalid, "'grow_volume' needs 'volume' and 'addition'");
  }
  const Resource volume = bare(*operation.volume);
  const Resource addition = bare(*operation.addition);
  Conversion result;
  result.consumed += volume;
  result.consumed += addition;
  Resource grown = volume;
  grown.scalar += addition.scalar;
  result.produced += grown;
  return result;
}

Result<Conversion> shrink(const Operation& operation) {
  if (!operation.volume || !operation.subtract) {
    return fail(ErrorCode::invalid, "'shrink_volume' needs 'volume' and 'subtract'");
  }
  const Resource volume = bare(*operation.volume);
  Conversion result;
  result.consumed += volume;
  Resource shrunk = volume;
  shrunk.scalar -= *operation.subtract;
  Resource freed = without_volume(volume);
  freed.scalar = *operation.subtract;
  result.produced += shrunk;
  result.produced += freed;
  return result;
}

}  // namespace

bool converts_resources(Operation::Type type) {
  return type == Operation::Type::reserve || type == Operation::Type::unreserve ||
         type == Operation::Type::create || type == Operation::Type::destroy ||
         type == Operation::Type::grow_volume || type == Operation::Type::shrink_volume;
}

Resource without_volume(Resource volume) {
  if (volume.disk) {
    volume.disk->persistence.reset();
    volume.disk->volume.reset();
    if (!volume.disk->source) {
      volume.disk.reset();
    }
  }
  volume.shared = false;
  return volume;
}

Result<Conversion> conversion(const Operation& operation) {
  switch (operation.type) {
    case Operation::Type::reserve:
      return reserve(operation);
    case Operation::Type::unreserve:
      return unreserve(operation);
    case Operation::Type::create:
      return create(operation);
    case Operation::Type::destroy: {
      const Conversion reverse = create(operation);
      return Conversion{reverse.produced, reverse.consumed};
    }
    case Operation::Type::grow_volume:
      return grow(operation);
    case Operation::Type::shrink_volume:
      return shrink(operation);
    default:
      return fail(ErrorCode::invalid, "the operation does not convert resources");
  }
}

Result<Resources> apply(const Resources& total, const Operation& operation) {
  auto change = conversion(operation);
  if (!change) {
    return fail(std::move(change.error()));
  }
  if (!total.contains(change->consumed)) {
    return fail(
        ErrorCode::conflict,
        fmt::format("{} is not contained in {}", to_text(change->consumed), to_text(total)));
  }
  return total - change->consumed + change->produced;
}

void set_allocation(Operation& operation, const std::optional<std::string>& role) {
  for (auto* list : {&operation.resources, &operation.reserve_source}) {
    for (Resource& resource : *list) {
      resource.allocation_role = role;
    }
  }
  for (auto* resource : {&operation.volume, &operation.addition}) {
    if (*resource) {
      (*resource)->allocation_role = role;
    }
  }
}

}  // namespace ekiden::model
