#include "core/wire/record_streams.h"

#include "core/api/recordio.h"

#include <utility>

namespace ekiden::wire {

RecordStreams::RecordStreams(net::Loop& loop, Options options)
    : loop_(loop), options_(std::move(options)), random_(options_.seed) {}

RecordStreams::Opened RecordStreams::open(Media media) {
  const std::uint64_t connection = ++options_.next_connection;
  Stream stream{random_.uuid(), media, std::make_shared<net::ChunkSource>(kQueueBytesMax)};
  stream.source->on_close([this, connection, weak = std::weak_ptr<bool>(alive_)] {
    if (weak.lock()) {
      lost(connection);
    }
  });
  Opened opened;
  opened.connection = connection;
  opened.response.headers.set("Content-Type", content_type(media));
  opened.response.headers.set(kStreamIdHeader, stream.id);
  opened.response.chunks = stream.source;
  by_id_[stream.id] = connection;
  streams_[connection] = std::move(stream);
  return opened;
}

std::optional<std::uint64_t> RecordStreams::find(std::string_view stream_id) const {
  const auto found = by_id_.find(stream_id);
  return found == by_id_.end() ? std::nullopt : std::optional(found->second);
}

const std::string* RecordStreams::stream_id(std::uint64_t connection) const {
  const auto found = streams_.find(connection);
  return found == streams_.end() ? nullptr : &found->second.id;
}

std::optional<Media> RecordStreams::media(std::uint64_t connection) const {
  const auto found = streams_.find(connection);
  return found == streams_.end() ? std::nullopt : std::optional(found->second.media);
}

void RecordStreams::send(std::uint64_t connection, std::string_view record) {
  const auto found = streams_.find(connection);
  if (found == streams_.end() || found->second.source->closed()) {
    return;  // it has gone; on_close is on its way
  }
  if (!found->second.source->push(api::recordio_frame(record))) {
    options_.slow_readers.add();
    // Not from inside a call of the owner.
    loop_.post([this, connection, weak = std::weak_ptr<bool>(alive_)] {
      if (weak.lock()) {
        lost(connection);
      }
    });
  }
}

void RecordStreams::lost(std::uint64_t connection) {
  const auto found = streams_.find(connection);
  if (found == streams_.end()) {
    return;
  }
  by_id_.erase(found->second.id);
  streams_.erase(found);
  options_.on_closed(connection);
}

void RecordStreams::close(std::uint64_t connection) {
  const auto found = streams_.find(connection);
  if (found == streams_.end()) {
    return;
  }
  found->second.source->close();
  by_id_.erase(found->second.id);
  streams_.erase(found);
}

void RecordStreams::shut_down() {
  streams_.clear();
  by_id_.clear();
}

}  // namespace ekiden::wire
