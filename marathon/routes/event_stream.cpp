#include "marathon/routes/event_stream.h"

#include "marathon/routes/answers.h"

#include <algorithm>

namespace ekiden::marathon::routes {
namespace {

std::string frame(const StreamEvent& event) {
  std::string text;
  text.reserve(event.type.size() + event.data.size() + 24);
  text.append("event: ").append(event.type).append("\r\ndata: ");
  text.append(event.data).append("\r\n\r\n");
  return text;
}

}  // namespace

EventStream::EventStream(net::Loop& loop, std::function<WallTime()> now)
    : now_(std::move(now)), alive_(std::make_shared<int>()), heartbeat_(loop, [this] { beat(); }) {
  heartbeat_.set_after(kHeartbeat);
}

EventStream::~EventStream() {
  for (Reader& reader : readers_) {
    reader.source->close();
  }
}

net::Response EventStream::attach(const net::Request& request) {
  if (readers_.size() >= kReadersMax) {
    return message(503, "cannot attach to the event stream: it has too many readers already");
  }
  const auto types = request.query_values("event_type");
  const Place reader = readers_.insert(readers_.end(),
                                       Reader{std::make_shared<net::ChunkSource>(kQueuedBytesMax),
                                              {types.begin(), types.end()},
                                              client_ip(request)});
  reader->source->on_close([this, reader, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) {
      detach(reader);
    }
  });
  net::Response response;
  response.headers.set("Content-Type", "text/event-stream;charset=utf-8");
  response.headers.set("Connection", "close");
  response.chunks = reader->source;
  publish({stream_event("event_stream_attached", reader->remote, now_())});
  return response;
}

bool EventStream::wants(const Reader& reader, const StreamEvent& event) const {
  return reader.types.empty() || reader.types.count(event.type) > 0;
}

void EventStream::publish(const std::vector<StreamEvent>& events) {
  if (readers_.empty() || events.empty()) {
    return;
  }
  std::vector<std::shared_ptr<const std::string>> frames;
  std::string all;
  for (const StreamEvent& event : events) {
    frames.push_back(std::make_shared<const std::string>(frame(event)));
    all += *frames.back();
  }
  const auto whole = std::make_shared<const std::string>(std::move(all));
  for (Reader& reader : readers_) {
    if (reader.types.empty()) {
      reader.source->push(whole);
      continue;
    }
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (wants(reader, events[i])) {
        reader.source->push(frames[i]);
      }
    }
  }
}

void EventStream::beat() {
  static const auto kEmptyLine = std::make_shared<const std::string>("\r\n");
  for (Reader& reader : readers_) {
    reader.source->push(kEmptyLine);
  }
  heartbeat_.set_after(kHeartbeat);
}

void EventStream::detach(Place reader) {
  const std::string remote = reader->remote;
  readers_.erase(reader);
  publish({stream_event("event_stream_detached", remote, now_())});
}

}  // namespace ekiden::marathon::routes
