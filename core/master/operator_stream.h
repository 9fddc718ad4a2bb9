#pragma once

#include "core/base/metrics.h"
#include "core/master/snapshot.h"
#include "core/master/visibility.h"
#include "core/net/loop.h"
#include "core/net/message.h"
#include "core/runtime/worker.h"
#include "core/wire/media.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ekiden::master {

// The subscribers of the operator event stream [mesos-core 4.2]: RecordIO records of JSON or
// protobuf; the first one carries the whole state, written on a helper thread. Loop thread only.
class OperatorStream {
 public:
  static constexpr std::size_t kBacklogMax = 10'000;  // events while the first record is written
  static constexpr std::size_t kQueueBytesMax = 64 * 1024 * 1024;
  static constexpr std::size_t kUnreadMax = 512 * 1024;  // who leaves with more was too slow

  struct Options {
    Duration heartbeat = std::chrono::seconds(15);
    std::size_t subscribers_max = 1000;  // beyond it the oldest is closed
  };

  OperatorStream(net::Loop& loop,
                 runtime::Worker& worker,
                 Options options,
                 Counter slow_subscribers);
  net::Response subscribe(SnapshotPtr snapshot, wire::Media media, Viewer viewer);
  void publish(const Notice& notice);

  std::size_t size() const { return subscribers_.size(); }

 private:
  using Record = std::shared_ptr<const std::string>;

  struct Subscriber {
    std::shared_ptr<net::ChunkSource> source;
    wire::Media media = wire::Media::json;
    Viewer viewer;
    bool ready = false;  // the first record is out
    std::vector<Record> backlog;
  };

  // Framed, and written at most once for each form.
  class Event;

  void write_first(std::uint64_t id, const SnapshotPtr& snapshot, const Subscriber& subscriber);
  void send(const Event& event, const std::function<bool(const Viewer&)>& sees);
  void begin(std::uint64_t id, std::string first);
  void gone(std::uint64_t id);
  void push(std::uint64_t id, const Record& record);
  void note_users(const Notice& notice);

  net::Loop& loop_;
  runtime::Worker& worker_;
  Options options_;
  Counter slow_subscribers_;
  net::Timer timer_;
  std::map<std::uint64_t, Subscriber> subscribers_;
  FrameworkUsers users_;  // only while somebody listens
  std::uint64_t next_id_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace ekiden::master
