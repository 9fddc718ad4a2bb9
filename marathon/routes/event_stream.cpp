#include "marathon/routes/event_stream.h"

#include "core/base/strings.h"
#include "marathon/routes/answers.h"

#include <algorithm>

namespace ekiden::marathon::routes {
namespace {

std::string frame(const StreamEvent& event, std::string_view id = {}) {
  std::string text;
  text.reserve(event.type.size() + event.data.size() + id.size() + 32);
  if (!id.empty()) {
    text.append("id: ").append(id).append("\r\n");
  }
  text.append("event: ").append(event.type).append("\r\ndata: ");
  text.append(event.data).append("\r\n\r\n");
  return text;
}

}  // namespace

EventStream::EventStream(net::Loop& loop, std::function<WallTime()> now)
    : now_(std::move(now)),
      life_(std::to_string(to_epoch_millis(now_()))),
      alive_(std::make_shared<int>()),
      heartbeat_(loop, [this] { beat(); }) {
  heartbeat_.set_after(kHeartbeat);
}

EventStream::~EventStream() {
  close();
}

void EventStream::close() {
  for (Reader& reader : readers_) {
    reader.source->close();
  }
  readers_.clear();
}

net::Response EventStream::attach(const net::Request& request) {
  if (readers_.size() >= kReadersMax) {
    return message(503, "cannot attach to the event stream: it has too many readers already");
  }
  const auto types = request.query_values("event_type");
  const auto last_id = request.headers.get("Last-Event-ID");
  const Place reader = readers_.insert(readers_.end(),
                                       Reader{std::make_shared<net::ChunkSource>(kQueuedBytesMax),
                                              {types.begin(), types.end()},
                                              client_ip(request),
                                              last_id || request.has_query("ids")});
  reader->source->on_close([this, reader, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) {
      detach(reader);
    }
  });
  net::Response response;
  response.headers.set("Content-Type", "text/event-stream;charset=utf-8");
  response.headers.set("Connection", "close");
  response.chunks = reader->source;
  if (last_id) {
    replay(*reader, *last_id);
  }
  publish({stream_event("event_stream_attached", reader->remote, now_())});
  return response;
}

std::string EventStream::id_of(std::uint64_t number) const {
  return life_ + "-" + std::to_string(number);
}

void EventStream::keep(const std::vector<StreamEvent>& events) {
  for (const StreamEvent& event : events) {
    kept_bytes_ += event.type.size() + event.data.size();
    kept_.push_back({++last_number_, event});
  }
  while (kept_.size() > kReplayMax || (kept_bytes_ > kReplayBytesMax && !kept_.empty())) {
    kept_bytes_ -= kept_.front().event.type.size() + kept_.front().event.data.size();
    kept_.pop_front();
  }
}

void EventStream::replay(Reader& reader, std::string_view last_id) {
  const std::size_t dash = last_id.rfind('-');
  const auto number =
      dash == std::string_view::npos ? std::nullopt : parse_int(last_id.substr(dash + 1));
  const std::uint64_t oldest = kept_.empty() ? last_number_ + 1 : kept_.front().number;
  const bool ours = number && *number >= 0 && last_id.substr(0, dash) == life_;
  if (!ours || static_cast<std::uint64_t>(*number) + 1 < oldest) {
    reader.source->push(frame(stream_event("events_lost", reader.remote, now_())));
    return;
  }
  const auto seen = static_cast<std::uint64_t>(*number);
  const auto skipped =
      static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(seen + 1 - oldest, kept_.size()));
  std::string all;
  for (auto one = kept_.begin() + skipped; one != kept_.end(); ++one) {
    if (wants(reader, one->event)) {
      all += frame(one->event, id_of(one->number));
    }
  }
  if (!all.empty()) {
    reader.source->push(std::move(all));
  }
}

bool EventStream::wants(const Reader& reader, const StreamEvent& event) const {
  return reader.types.empty() || reader.types.count(event.type) > 0;
}

void EventStream::publish(const std::vector<StreamEvent>& events) {
  if (events.empty()) {
    return;
  }
  const std::uint64_t first = last_number_ + 1;
  keep(events);
  if (readers_.empty()) {
    return;
  }
  std::string all;
  for (const StreamEvent& event : events) {
    all += frame(event);
  }
  const auto whole = std::make_shared<const std::string>(std::move(all));
  for (Reader& reader : readers_) {
    if (reader.types.empty() && !reader.ids) {
      reader.source->push(whole);
    } else {
      push(reader, events, first);
    }
  }
}

void EventStream::push(Reader& reader,
                       const std::vector<StreamEvent>& events,
                       std::uint64_t first) {
  std::string text;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (wants(reader, events[i])) {
      text += frame(events[i], reader.ids ? id_of(first + i) : std::string());
    }
  }
  if (!text.empty()) {
    reader.source->push(std::move(text));
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
