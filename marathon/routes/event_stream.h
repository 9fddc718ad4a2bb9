#pragma once

#include "core/net/loop.h"
#include "core/net/message.h"
#include "marathon/routes/event_json.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ekiden::marathon::routes {

// The readers of /v2/events [marathon-api 5.1]. A frame is written once and shared; what happens in
// one step goes to a reader without a filter as one chunk. A reader that is too slow is cut off.
// Beyond Marathon: with `?ids` or Last-Event-ID every frame carries an id, and a reader that comes
// back with the last one it saw gets what it missed, or `events_lost` when that is too long ago.
class EventStream {
 public:
  static constexpr Duration kHeartbeat = std::chrono::seconds(10);
  static constexpr std::size_t kReadersMax = 1000;             // beyond it: 503
  static constexpr std::size_t kQueuedBytesMax = 8 * 1024 * 1024;  // of one reader; mostly shared
  static constexpr std::size_t kReplayMax = 10'000;            // events kept for those that return
  static constexpr std::size_t kReplayBytesMax = 8 * 1024 * 1024;

  EventStream(net::Loop& loop, std::function<WallTime()> now);
  ~EventStream();

  void close();  // every reader; they come back by themselves
  net::Response attach(const net::Request& request);
  void publish(const std::vector<StreamEvent>& events);

  std::size_t readers() const { return readers_.size(); }

 private:
  struct Reader {
    std::shared_ptr<net::ChunkSource> source;
    std::set<std::string> types;  // empty: all
    std::string remote;
    bool ids = false;
  };

  struct Kept {
    std::uint64_t number = 0;
    StreamEvent event;
  };

  using Place = std::list<Reader>::iterator;

  void beat();
  void detach(Place reader);
  bool wants(const Reader& reader, const StreamEvent& event) const;
  std::string id_of(std::uint64_t number) const;
  void keep(const std::vector<StreamEvent>& events);
  void replay(Reader& reader, std::string_view last_id);
  void push(Reader& reader, const std::vector<StreamEvent>& events, std::uint64_t first);

  std::function<WallTime()> now_;
  std::list<Reader> readers_;
  std::string life_;  // ids of another life of this process are not ours
  std::deque<Kept> kept_;
  std::size_t kept_bytes_ = 0;
  std::uint64_t last_number_ = 0;
  std::shared_ptr<int> alive_;  // callbacks of readers end with it
  net::Timer heartbeat_;
};

}  // namespace ekiden::marathon::routes
