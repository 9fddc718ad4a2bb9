#pragma once

#include "dns/address.h"
#include "dns/wire.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ekiden::dns {

// Where SRV records point; one per task and name, shared by its records.
struct Target {
  std::string name;  // without final dot
  Bytes wire;        // empty: a name that cannot be sent (too long); its records are listed only
};

using TargetPtr = std::shared_ptr<const Target>;
TargetPtr make_target(std::string name);

struct Srv {
  TargetPtr target;
  std::uint16_t port = 0;
};

// Makes a name exist without a record: NODATA instead of NXDOMAIN.
struct Placeholder {};

// One record to put into or take out of a zone.
struct Record {
  std::string name;
  std::variant<Ipv4, Ipv6, Srv, Placeholder> value;
  std::uint32_t ttl = 0;  // 0: the zone's
};

// Everything about one name. Values are sorted and stand once however many tasks gave them.
struct Node {
  template <class V>
  struct Held {
    V value;
    std::uint32_t holders = 1;  // how many times it was added
    std::uint32_t ttl = 0;
  };

  std::string name;
  std::vector<Held<Ipv4>> a;
  std::vector<Held<Ipv6>> aaaa;
  std::vector<Held<Srv>> srv;
  std::uint32_t placeholders = 0;
  std::uint64_t epoch = 0;  // of the batch that made this copy

  bool empty() const { return a.empty() && aaaa.empty() && srv.empty() && placeholders == 0; }
};

// The names of a zone: an immutable value that any thread may read. Copies share structure, so
// publishing one costs what changed since the last: a hash trie of fixed depth, 4096 buckets.
class RecordSet {
 public:
  // `name` in lower case, without final dot; nullptr when it does not exist.
  const Node* find(std::string_view name) const;

  std::size_t size() const { return size_; }

  void for_each(const std::function<void(const Node&)>& visit) const;  // in no order

  std::uint32_t serial() const { return serial_; }

  bool loaded() const { return loaded_; }  // false: nothing is known yet

 private:
  friend class RecordSetBuilder;
  static constexpr std::size_t kFanout = 64;

  struct Entry {
    std::uint64_t hash = 0;
    std::shared_ptr<Node> node;
  };

  struct Bucket {
    std::uint64_t epoch = 0;
    std::vector<Entry> entries;  // ascending by hash
  };

  struct Branch {
    std::uint64_t epoch = 0;
    std::array<std::shared_ptr<Bucket>, kFanout> buckets;
  };

  std::array<std::shared_ptr<Branch>, kFanout> branches_;
  std::size_t size_ = 0;
  std::uint32_t serial_ = 0;
  bool loaded_ = false;
};

// Changes records and publishes sets. What was published is never touched: a part is changed in
// place only when it was copied since the last publish() (its epoch says so).
class RecordSetBuilder {
 public:
  void add(const Record& record);
  void remove(const Record& record);  // one that was added; others are ignored
  std::shared_ptr<const RecordSet> publish(std::uint32_t serial);

  const RecordSet& current() const { return set_; }

 private:
  Node& edit(std::string_view name);
  void erase_if_empty(std::string_view name);
  RecordSet::Bucket& edit_bucket(std::uint64_t hash);

  RecordSet set_;
  std::uint64_t epoch_ = 1;
};

}  // namespace ekiden::dns
