#pragma once

#include "core/model/resources.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// Sums of scalars as vectors of integers: what shares, quota and headroom are computed with.
namespace ekiden::allocator {

// Scalars by name, for people and the wire: {"cpus": 4, "mem": 1024}.
using Amounts = std::map<std::string, model::Scalar, std::less<>>;

// Names of scalar resources as small numbers. They come from agents and quotas and stay.
class Names {
 public:
  std::size_t id(std::string_view name);
  std::size_t find(std::string_view name) const;  // size() when it is not known

  std::size_t size() const { return names_.size(); }

  const std::string& name(std::size_t id) const { return names_[id]; }

 private:
  std::vector<std::string> names_;
};

// Thousandths by name id; what is missing is zero.
class Quantities {
 public:
  std::size_t size() const { return milli_.size(); }

  std::int64_t operator[](std::size_t name) const {
    return name < milli_.size() ? milli_[name] : 0;
  }

  void set(std::size_t name, std::int64_t milli);
  void add(std::size_t name, std::int64_t milli);

  void clear() { milli_.clear(); }

  bool zero() const;

  Quantities& operator+=(const Quantities& other);
  Quantities& operator-=(const Quantities& other);

 private:
  std::vector<std::int64_t> milli_;
};

// Of scalars that count for quota: neither reserved nor revocable.
bool counts_for_quota(const model::Resource& resource);
Quantities quota_scalars(const model::Resources& resources, Names& names);
Quantities scalars(const model::Resources& resources, Names& names);
Quantities from_amounts(const Amounts& amounts, Names& names);
Amounts to_amounts(const Quantities& quantities, const Names& names);
// One number that is additive and zero only for nothing: tells whether somebody still holds
// something.
std::int64_t measure(const model::Resources& resources);

}  // namespace ekiden::allocator
