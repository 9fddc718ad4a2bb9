#pragma once

#include "core/base/metrics.h"
#include "core/master/snapshot.h"
#include "core/net/loop.h"
#include "core/net/message.h"
#include "core/runtime/worker.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ekiden::master {

// The subscribers of the operator event stream [mesos-core 4.2]: RecordIO records; the first one
// carries the whole state, written on a helper thread. Loop thread only.
class OperatorStream {
 public:
  static constexpr std::size_t kSubscribersMax = 1000;  // beyond it the oldest is closed
  static constexpr std::size_t kBacklogMax = 10'000;    // events while the first record is written
  static constexpr std::size_t kQueueBytesMax = 64 * 1024 * 1024;

  OperatorStream(net::Loop& loop,
                 runtime::Worker& worker,
                 Duration heartbeat,
                 Counter slow_subscribers);
  net::Response subscribe(SnapshotPtr snapshot);
  void publish(const Notice& notice);

  std::size_t size() const { return subscribers_.size(); }

 private:
  using Record = std::shared_ptr<const std::string>;

  struct Subscriber {
    std::shared_ptr<net::ChunkSource> source;
    bool ready = false;  // the first record is out
    std::vector<Record> backlog;
  };

  void send(const Record& record);
  void begin(std::uint64_t id, std::string first);
  void push(std::uint64_t id, const Record& record);

  net::Loop& loop_;
  runtime::Worker& worker_;
  Duration heartbeat_;
  Counter slow_subscribers_;
  net::Timer timer_;
  std::map<std::uint64_t, Subscriber> subscribers_;
  std::uint64_t next_id_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace ekiden::master
