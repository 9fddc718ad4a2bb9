#pragma once

#include "core/master/metric_values.h"
#include "core/master/types.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

namespace ekiden::master {

// What went in and out of the machine since the start, under the names of /metrics/snapshot
// [mesos-core 4.8]. Loop thread only; a count is a few additions.
class MasterCounters {
 public:
  explicit MasterCounters(FrameworkMetrics frameworks) : frameworks_(frameworks) {}

  void count(ConnectionId connection, const api::scheduler::Call& call);
  void count(const api::agent_link::ToMaster& message);
  void count(const SchedulerEvent& event);
  void count(const Notice& notice);

  void dropped_message() { ++dropped_; }

  MetricValues values() const;

 private:
  static constexpr std::size_t kCalls = std::variant_size_v<decltype(api::scheduler::Call::body)>;
  static constexpr std::size_t kEvents = std::variant_size_v<api::scheduler::Event>;
  static constexpr std::size_t kMessages =
      std::variant_size_v<decltype(api::agent_link::ToMaster::body)>;
  static constexpr std::size_t kStates = 16;  // more than there are

  struct OfFramework {
    std::string name;
    std::array<std::uint64_t, kCalls> calls{};
    std::array<std::uint64_t, kEvents> events{};
    std::array<std::uint64_t, kStates> ended{};
    std::map<std::string, std::uint64_t, std::less<>> operations;
    std::uint64_t offers_sent = 0;
    std::uint64_t offers_accepted = 0;
    std::uint64_t offers_declined = 0;
    std::uint64_t offers_rescinded = 0;
  };

  void count_task(const TaskUpdated& updated);
  void count_offers(OfFramework& framework, const api::scheduler::Call& call);
  OfFramework* of(ConnectionId connection);
  void write_framework(MetricValues& out, const FrameworkId& id, const OfFramework& one) const;

  FrameworkMetrics frameworks_;
  std::array<std::uint64_t, kCalls> calls_{};
  std::array<std::uint64_t, kMessages> messages_{};
  std::uint64_t resubscriptions_ = 0;
  std::uint64_t reregistrations_ = 0;
  std::uint64_t removals_ = 0;
  std::array<std::uint64_t, 3> unreachable_{};  // scheduled, completed, canceled
  std::uint64_t updates_ = 0;
  std::uint64_t dropped_ = 0;
  std::array<std::uint64_t, kStates> ended_{};
  std::map<std::string, std::uint64_t, std::less<>> causes_;  // "task_lost/source_master/..."
  std::map<FrameworkId, OfFramework> by_framework_;
  std::unordered_map<ConnectionId, FrameworkId> connections_;
};

}  // namespace ekiden::master
