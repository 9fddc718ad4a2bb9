#include "core/allocator/quantities.h"

#include <algorithm>

namespace ekiden::allocator {

std::size_t Names::find(std::string_view name) const {
  return static_cast<std::size_t>(std::find(names_.begin(), names_.end(), name) - names_.begin());
}

std::size_t Names::id(std::string_view name) {
  const std::size_t found = find(name);
  if (found == names_.size()) {
    names_.emplace_back(name);
  }
  return found;
}

void Quantities::set(std::size_t name, std::int64_t milli) {
  if (name >= milli_.size()) {
    milli_.resize(name + 1);
  }
  milli_[name] = milli;
}

void Quantities::add(std::size_t name, std::int64_t milli) {
  set(name, (*this)[name] + milli);
}

bool Quantities::zero() const {
  return std::all_of(milli_.begin(), milli_.end(), [](std::int64_t milli) { return milli == 0; });
}

Quantities& Quantities::operator+=(const Quantities& other) {
  if (other.milli_.size() > milli_.size()) {
    milli_.resize(other.milli_.size());
  }
  for (std::size_t i = 0; i < other.milli_.size(); ++i) {
    milli_[i] += other.milli_[i];
  }
  return *this;
}

Quantities& Quantities::operator-=(const Quantities& other) {
  if (other.milli_.size() > milli_.size()) {
    milli_.resize(other.milli_.size());
  }
  for (std::size_t i = 0; i < other.milli_.size(); ++i) {
    milli_[i] -= other.milli_[i];
  }
  return *this;
}

bool counts_for_quota(const model::Resource& resource) {
  return resource.type == model::ValueType::scalar && resource.reservations.empty() &&
         !resource.revocable;
}

Quantities quota_scalars(const model::Resources& resources, Names& names) {
  Quantities sum;
  for (const model::Resource& resource : resources.list()) {
    if (counts_for_quota(resource)) {
      sum.add(names.id(resource.name), resource.scalar.milli);
    }
  }
  return sum;
}

Quantities scalars(const model::Resources& resources, Names& names) {
  Quantities sum;
  const model::Resource* last_shared = nullptr;
  for (const model::Resource& resource : resources.list()) {
    if (resource.type != model::ValueType::scalar) {
      continue;
    }
    if (resource.shared && last_shared != nullptr && *last_shared == resource) {
      continue;  // many uses of one volume are one quantity
    }
    last_shared = resource.shared ? &resource : nullptr;
    sum.add(names.id(resource.name), resource.scalar.milli);
  }
  return sum;
}

Quantities from_amounts(const Amounts& amounts, Names& names) {
  Quantities sum;
  for (const auto& [name, amount] : amounts) {
    sum.add(names.id(name), amount.milli);
  }
  return sum;
}

Amounts to_amounts(const Quantities& quantities, const Names& names) {
  Amounts amounts;
  for (std::size_t i = 0; i < quantities.size(); ++i) {
    if (quantities[i] != 0) {
      amounts[names.name(i)] = {quantities[i]};
    }
  }
  return amounts;
}

std::int64_t measure(const model::Resources& resources) {
  std::uint64_t sum = 0;  // wraps, and unwraps again
  for (const model::Resource& resource : resources.list()) {
    switch (resource.type) {
      case model::ValueType::scalar:
        sum += static_cast<std::uint64_t>(resource.scalar.milli);
        break;
      case model::ValueType::ranges:
        for (const model::Range& range : resource.ranges) {
          sum += range.end - range.begin + 1;
        }
        break;
      case model::ValueType::set:
        sum += resource.set.size();
        break;
    }
  }
  return static_cast<std::int64_t>(sum);
}

}  // namespace ekiden::allocator
