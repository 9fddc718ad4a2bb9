#pragma once

#include "core/allocator/quantities.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ekiden::allocator {

// What all shares are shares of. One for all sorters of an allocator.
struct Pool {
  Quantities total;
  std::uint64_t version = 0;   // goes up with every change of `total`
  std::vector<bool> excluded;  // by name id: does not count for shares
};

// Clients in the order in which they are to be served [mesos-core 5.5]. Paths form a tree by "/";
// children of a node are ordered among themselves, depth first. A client with others below it
// competes with them as a child of its own. Used for roles and, with flat names, for the frameworks
// of one role. The order is a subclass's matter: drf_sorter.h, random_sorter.h.
class Sorter {
 public:
  using Node = std::uint32_t;
  using Tag = std::uint32_t;
  using Visitor = std::function<bool(Tag)>;
  enum class Count { allocation, nothing };  // a new allocation, or known resources in another form

  explicit Sorter(const Pool& pool);
  virtual ~Sorter() = default;
  Sorter(const Sorter&) = delete;
  Sorter& operator=(const Sorter&) = delete;

  // The client is new and inactive; `tag` is what visitors are given.
  Node add(std::string_view path, Tag tag);
  void remove(Node client);  // it has nothing allocated
  void set_active(Node client, bool active);
  // Also of paths that no client has yet. 1 is the default.
  void set_weight(const std::string& path, double weight);
  void allocated(Node client, const Quantities& quantities, Count count);
  void unallocated(Node client, const Quantities& quantities);
  // Active clients in order until the visitor says false; then false. The visitor must not change
  // the sorter.
  bool visit(const Visitor& visitor);
  double share(Node client) const;  // dominant share of the client and all below it

 protected:
  struct Tally {
    Quantities quantities;
    std::uint64_t count = 0;  // allocations so far
    double share = 0;
  };

  struct Entry {
    std::string name;  // the last component of the path
    std::string path;
    Node parent = 0;
    double weight = 1;
    Tally own;  // of the client itself
    Tally sum;  // with all below
    bool is_client = false;
    bool active = false;
    Tag tag = 0;
    std::uint32_t active_below = 0;  // active clients here and below
    std::vector<Node> children;
    // Those of `children` with active clients, and the node itself when it is an active client
    // with children.
    std::vector<Node> order;
    std::uint64_t ordered_at = 0;  // the pool's version `order` is sorted for; 0: not sorted
  };

  virtual const std::vector<Node>& ordered(Node parent) = 0;
  // Around a change of the tally of `entry`, a member of parent's order.
  virtual void before_change(Node parent, Node entry) = 0;
  virtual void after_change(Node parent, Node entry) = 0;

  double share_of(const Quantities& quantities) const;

  static bool competes_below(const Entry& entry) { return !entry.children.empty(); }

  const Pool& pool_;
  std::vector<Entry> nodes_;  // 0 is the root

 private:
  Node find_or_add(std::string_view path);
  void prune(Node node);
  void count_active(Node client, std::int32_t change);
  void collect(Node parent);  // fills `order`, unsorted
  bool visit_node(Node node, const Visitor& visitor);
  template <class Change>
  void change(Node client, Change apply);

  std::unordered_map<std::string, Node> by_path_;
  std::map<std::string, double> weights_;
  std::vector<Node> free_;
};

}  // namespace ekiden::allocator
