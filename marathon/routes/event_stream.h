#pragma once

#include "core/net/loop.h"
#include "core/net/message.h"
#include "marathon/routes/event_json.h"

#include <functional>
#include <list>
#include <memory>
#include <set>

namespace ekiden::marathon::routes {

// The readers of /v2/events [marathon-api 5.1]. A frame is written once and shared; what happens in
// one step goes to a reader without a filter as one chunk. A reader that is too slow is cut off.
class EventStream {
 public:
  static constexpr Duration kHeartbeat = std::chrono::seconds(10);
  static constexpr std::size_t kReadersMax = 1000;             // beyond it: 503
  static constexpr std::size_t kQueuedBytesMax = 1024 * 1024;  // of one reader

  EventStream(net::Loop& loop, std::function<WallTime()> now);
  ~EventStream();

  net::Response attach(const net::Request& request);
  void publish(const std::vector<StreamEvent>& events);

  std::size_t readers() const { return readers_.size(); }

 private:
  struct Reader {
    std::shared_ptr<net::ChunkSource> source;
    std::set<std::string> types;  // empty: all
    std::string remote;
  };

  using Place = std::list<Reader>::iterator;

  void beat();
  void detach(Place reader);
  bool wants(const Reader& reader, const StreamEvent& event) const;

  std::function<WallTime()> now_;
  std::list<Reader> readers_;
  std::shared_ptr<int> alive_;  // callbacks of readers end with it
  net::Timer heartbeat_;
};

}  // namespace ekiden::marathon::routes
