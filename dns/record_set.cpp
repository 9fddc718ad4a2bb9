#include "dns/record_set.h"

#include "core/base/overloaded.h"

#include <algorithm>
#include <utility>

namespace ekiden::dns {
namespace {

std::uint64_t hash_of(std::string_view name) {
  return std::hash<std::string_view>{}(name);
}

std::size_t branch_of(std::uint64_t hash) {
  return hash & 63;
}

std::size_t bucket_of(std::uint64_t hash) {
  return (hash >> 6) & 63;
}

bool before(const Ipv4& a, const Ipv4& b) {
  return a < b;
}

bool before(const Ipv6& a, const Ipv6& b) {
  return a < b;
}

bool before(const Srv& a, const Srv& b) {
  if (a.target != b.target) {
    if (const int order = a.target->name.compare(b.target->name); order != 0) {
      return order < 0;
    }
  }
  return a.port < b.port;
}

template <class V>
auto place_of(std::vector<Node::Held<V>>& held, const V& value) {
  return std::lower_bound(
      held.begin(), held.end(), value, [](const Node::Held<V>& one, const V& wanted) {
        return before(one.value, wanted);
      });
}

template <class V>
void hold(std::vector<Node::Held<V>>& held, const V& value, std::uint32_t ttl) {
  const auto at = place_of(held, value);
  if (at != held.end() && !before(value, at->value)) {
    ++at->holders;
    return;
  }
  held.insert(at, {value, 1, ttl});
}

template <class V>
void release(std::vector<Node::Held<V>>& held, const V& value) {
  const auto at = place_of(held, value);
  if (at != held.end() && !before(value, at->value) && --at->holders == 0) {
    held.erase(at);
  }
}

}  // namespace

TargetPtr make_target(std::string name) {
  Bytes wire = name_to_wire(name).value_or(Bytes{});
  return std::make_shared<const Target>(Target{std::move(name), std::move(wire)});
}

const Node* RecordSet::find(std::string_view name) const {
  const std::uint64_t hash = hash_of(name);
  const Branch* branch = branches_[branch_of(hash)].get();
  const Bucket* bucket = branch == nullptr ? nullptr : branch->buckets[bucket_of(hash)].get();
  if (bucket == nullptr) {
    return nullptr;
  }
  auto at = std::lower_bound(
      bucket->entries.begin(),
      bucket->entries.end(),
      hash,
      [](const Entry& entry, std::uint64_t wanted) { return entry.hash < wanted; });
  for (; at != bucket->entries.end() && at->hash == hash; ++at) {
    if (at->node->name == name) {
      return at->node.get();
    }
  }
  return nullptr;
}

void RecordSet::for_each(const std::function<void(const Node&)>& visit) const {
  for (const auto& branch : branches_) {
    if (branch == nullptr) {
      continue;
    }
    for (const auto& bucket : branch->buckets) {
      if (bucket == nullptr) {
        continue;
      }
      for (const Entry& entry : bucket->entries) {
        visit(*entry.node);
      }
    }
  }
}

RecordSet::Bucket& RecordSetBuilder::edit_bucket(std::uint64_t hash) {
  std::shared_ptr<RecordSet::Branch>& branch = set_.branches_[branch_of(hash)];
  if (branch == nullptr) {
    branch = std::make_shared<RecordSet::Branch>();
    branch->epoch = epoch_;
  } else if (branch->epoch != epoch_) {
    branch = std::make_shared<RecordSet::Branch>(*branch);
    branch->epoch = epoch_;
  }
  std::shared_ptr<RecordSet::Bucket>& bucket = branch->buckets[bucket_of(hash)];
  if (bucket == nullptr) {
    bucket = std::make_shared<RecordSet::Bucket>();
    bucket->epoch = epoch_;
  } else if (bucket->epoch != epoch_) {
    bucket = std::make_shared<RecordSet::Bucket>(*bucket);
    bucket->epoch = epoch_;
  }
  return *bucket;
}

Node& RecordSetBuilder::edit(std::string_view name) {
  const std::uint64_t hash = hash_of(name);
  RecordSet::Bucket& bucket = edit_bucket(hash);
  auto at = std::lower_bound(
      bucket.entries.begin(),
      bucket.entries.end(),
      hash,
      [](const RecordSet::Entry& entry, std::uint64_t wanted) { return entry.hash < wanted; });
  while (at != bucket.entries.end() && at->hash == hash && at->node->name != name) {
    ++at;
  }
  if (at == bucket.entries.end() || at->hash != hash) {
    auto node = std::make_shared<Node>();
    node->name = name;
    node->epoch = epoch_;
    at = bucket.entries.insert(at, RecordSet::Entry{hash, std::move(node)});
    ++set_.size_;
  } else if (at->node->epoch != epoch_) {
    at->node = std::make_shared<Node>(*at->node);
    at->node->epoch = epoch_;
  }
  return *at->node;
}

void RecordSetBuilder::erase_if_empty(std::string_view name) {
  const std::uint64_t hash = hash_of(name);
  std::vector<RecordSet::Entry>& entries = edit_bucket(hash).entries;
  const auto at = std::find_if(entries.begin(), entries.end(), [&](const RecordSet::Entry& entry) {
    return entry.hash == hash && entry.node->name == name;
  });
  if (at != entries.end() && at->node->empty()) {
    entries.erase(at);
    --set_.size_;
  }
}

void RecordSetBuilder::add(const Record& record) {
  Node& node = edit(record.name);
  std::visit(Overloaded{[&](const Ipv4& value) { hold(node.a, value, record.ttl); },
                        [&](const Ipv6& value) { hold(node.aaaa, value, record.ttl); },
                        [&](const Srv& value) { hold(node.srv, value, record.ttl); },
                        [&](const Placeholder&) { ++node.placeholders; }},
             record.value);
}

void RecordSetBuilder::remove(const Record& record) {
  if (set_.find(record.name) == nullptr) {
    return;
  }
  Node& node = edit(record.name);
  std::visit(Overloaded{[&](const Ipv4& value) { release(node.a, value); },
                        [&](const Ipv6& value) { release(node.aaaa, value); },
                        [&](const Srv& value) { release(node.srv, value); },
                        [&](const Placeholder&) { node.placeholders -= node.placeholders > 0; }},
             record.value);
  erase_if_empty(record.name);
}

std::shared_ptr<const RecordSet> RecordSetBuilder::publish(std::uint32_t serial) {
  set_.serial_ = serial;
  set_.loaded_ = true;
  ++epoch_;
  return std::make_shared<const RecordSet>(set_);
}

}  // namespace ekiden::dns
