#pragma once

#include "core/model/resources.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ekiden::allocator {

// Dominant share order [mesos-core 5.5]: share = max over scalar resources of allocated / total,
// divided by the weight; ties by the number of allocations, then by name.
class DrfSorter {
 public:
  void add(const std::string& client, double weight = 1.0);  // keeps what it had allocated
  void remove(const std::string& client);
  bool contains(const std::string& client) const;

  bool empty() const { return clients_.empty(); }

  void add_total(const model::Resources& resources);
  void subtract_total(const model::Resources& resources);
  void allocated(const std::string& client, const model::Resources& resources);
  void unallocated(const std::string& client, const model::Resources& resources);

  // Lowest share first; computed again only when something changed.
  const std::vector<std::string>& sorted();
  double share(const std::string& client) const;

 private:
  using Quantities = std::map<std::string, std::int64_t>;  // scalar name -> thousandths

  struct Client {
    bool member = false;  // false: only its allocation is remembered
    double weight = 1.0;
    Quantities allocated;
    std::uint64_t allocations = 0;
  };

  static void change(Quantities& quantities, const model::Resources& resources, int sign);
  double share_of(const Client& client) const;

  std::map<std::string, Client> clients_;
  Quantities total_;
  std::vector<std::string> order_;
  bool stale_ = true;
};

}  // namespace ekiden::allocator
