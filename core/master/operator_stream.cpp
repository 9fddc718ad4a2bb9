#include "core/master/operator_stream.h"

#include "core/api/recordio.h"
#include "core/master/operator_json.h"

namespace ekiden::master {
namespace {

std::shared_ptr<const std::string> framed(std::string_view record) {
  return std::make_shared<const std::string>(api::recordio_frame(record));
}

}  // namespace

OperatorStream::OperatorStream(net::Loop& loop,
                               runtime::Worker& worker,
                               Duration heartbeat,
                               Counter slow_subscribers)
    : loop_(loop),
      worker_(worker),
      heartbeat_(heartbeat),
      slow_subscribers_(slow_subscribers),
      timer_(loop, [this] {
        send(framed(heartbeat_event()));
        if (!subscribers_.empty()) {
          timer_.set_after(heartbeat_);
        }
      }) {}

net::Response OperatorStream::subscribe(SnapshotPtr snapshot) {
  if (subscribers_.size() >= kSubscribersMax) {
    subscribers_.begin()->second.source->close();
    subscribers_.erase(subscribers_.begin());
  }
  if (subscribers_.empty()) {
    timer_.set_after(heartbeat_);
  }
  const std::uint64_t id = next_id_++;
  auto source = std::make_shared<net::ChunkSource>(kQueueBytesMax);
  source->on_close([this, id, weak = std::weak_ptr<bool>(alive_)] {
    if (weak.lock()) {
      subscribers_.erase(id);
    }
  });
  subscribers_[id].source = source;
  worker_.post([this,
                id,
                snapshot,
                weak = std::weak_ptr<bool>(alive_),
                &loop = loop_,
                heartbeat = heartbeat_] {
    std::string first = api::recordio_frame(subscribed_event(*snapshot, heartbeat));
    first += api::recordio_frame(heartbeat_event());
    loop.post([this, id, weak, moved = std::move(first)] {
      if (weak.lock()) {
        begin(id, moved);
      }
    });
  });
  net::Response response;
  response.headers.set("Content-Type", "application/json");
  response.chunks = std::move(source);
  return response;
}

void OperatorStream::begin(std::uint64_t id, std::string first) {
  const auto found = subscribers_.find(id);
  if (found == subscribers_.end()) {
    return;
  }
  found->second.ready = true;
  std::vector<Record> backlog = std::move(found->second.backlog);
  push(id, std::make_shared<const std::string>(std::move(first)));
  for (const Record& record : backlog) {
    push(id, record);
  }
}

void OperatorStream::push(std::uint64_t id, const Record& record) {
  const auto found = subscribers_.find(id);
  if (found == subscribers_.end()) {
    return;
  }
  Subscriber& subscriber = found->second;
  const bool taken =
      subscriber.ready ? subscriber.source->push(record) : subscriber.backlog.size() < kBacklogMax;
  if (!taken) {
    slow_subscribers_.add();
    const auto source = subscriber.source;
    subscribers_.erase(found);
    source->close();
    return;
  }
  if (!subscriber.ready) {
    subscriber.backlog.push_back(record);
  }
}

void OperatorStream::send(const Record& record) {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, subscriber] : subscribers_) {
    ids.push_back(id);
  }
  for (const std::uint64_t id : ids) {
    push(id, record);
  }
}

void OperatorStream::publish(const Notice& notice) {
  if (subscribers_.empty()) {
    return;
  }
  const std::string event = operator_event(notice);
  if (!event.empty()) {
    send(framed(event));
  }
}

}  // namespace ekiden::master
