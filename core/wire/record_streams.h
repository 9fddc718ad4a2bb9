#pragma once

#include "core/base/metrics.h"
#include "core/base/random.h"
#include "core/net/loop.h"
#include "core/net/message.h"
#include "core/wire/media.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ekiden::wire {

inline constexpr const char* kStreamIdHeader = "Mesos-Stream-Id";

// The serving end of StreamCall: RecordIO streams that go out as chunked responses, each known by a
// connection number within this process and by a random id to its client. A reader that does not
// keep up is cut off. Loop thread only.
class RecordStreams {
 public:
  static constexpr std::size_t kQueueBytesMax = 64 * 1024 * 1024;  // waiting for one reader

  struct Options {
    std::uint64_t& next_connection;  // numbers shared with other kinds of connections
    Counter slow_readers;
    std::uint64_t seed;
    std::function<void(std::uint64_t)> on_closed;  // by the reader or for its slowness; not by us
  };

  struct Opened {
    std::uint64_t connection = 0;
    net::Response response;  // 200, to be sent at once
  };

  RecordStreams(net::Loop& loop, Options options);
  Opened open(Media media);
  std::optional<std::uint64_t> find(std::string_view stream_id) const;
  // Nothing for connections that are not of this kind, or have gone.
  const std::string* stream_id(std::uint64_t connection) const;
  std::optional<Media> media(std::uint64_t connection) const;
  void send(std::uint64_t connection, std::string_view record);
  void close(std::uint64_t connection);  // after what was sent; on_closed does not come
  void shut_down();                      // all of them, in silence

  std::size_t size() const { return streams_.size(); }

 private:
  struct Stream {
    std::string id;
    Media media = Media::json;
    std::shared_ptr<net::ChunkSource> source;
  };

  void lost(std::uint64_t connection);

  net::Loop& loop_;
  Options options_;
  Random random_;
  std::map<std::uint64_t, Stream> streams_;
  std::map<std::string, std::uint64_t, std::less<>> by_id_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace ekiden::wire
