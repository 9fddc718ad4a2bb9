#include "core/master/operator_stream.h"

#include "core/api/recordio.h"
#include "core/base/overloaded.h"
#include "core/master/operator_answers.h"

#include <utility>

namespace ekiden::master {

class OperatorStream::Event {
 public:
  explicit Event(const api::master_operator::Event& event) : event_(event) {}

  const Record& as(wire::Media media) const {
    Record& record = records_[media == wire::Media::json ? 0 : 1];
    if (record == nullptr) {
      record =
          std::make_shared<const std::string>(api::recordio_frame(wire::encode(media, event_)));
    }
    return record;
  }

 private:
  const api::master_operator::Event& event_;
  mutable std::array<Record, 2> records_;
};

namespace {

const api::master_operator::Event kHeartbeat{api::master_operator::Heartbeat{}};

bool everybody(const Viewer&) {
  return true;
}

}  // namespace

OperatorStream::OperatorStream(net::Loop& loop,
                               runtime::Worker& worker,
                               Options options,
                               Counter slow_subscribers)
    : loop_(loop),
      worker_(worker),
      options_(options),
      slow_subscribers_(slow_subscribers),
      timer_(loop, [this] {
        send(Event(kHeartbeat), everybody);
        if (!subscribers_.empty()) {
          timer_.set_after(options_.heartbeat);
        }
      }) {}

net::Response OperatorStream::subscribe(SnapshotPtr snapshot, wire::Media media, Viewer viewer) {
  if (!subscribers_.empty() && subscribers_.size() >= options_.subscribers_max) {
    subscribers_.begin()->second.source->close();
    subscribers_.erase(subscribers_.begin());
  }
  if (subscribers_.empty()) {
    timer_.set_after(options_.heartbeat);
    users_.clear();
    for (const FrameworkView& framework : snapshot->frameworks) {
      users_[framework.info.id.value_or(FrameworkId{})] = framework.info.user;
    }
  }
  const std::uint64_t id = next_id_++;
  auto source = std::make_shared<net::ChunkSource>(kQueueBytesMax);
  source->on_close([this, id, weak = std::weak_ptr<bool>(alive_)] {
    if (weak.lock()) {
      gone(id);
    }
  });
  Subscriber& subscriber = subscribers_[id];
  subscriber.source = source;
  subscriber.media = media;
  subscriber.viewer = std::move(viewer);
  write_first(id, snapshot, subscriber);
  net::Response response;
  response.headers.set("Content-Type", wire::content_type(media));
  response.chunks = std::move(source);
  return response;
}

void OperatorStream::write_first(std::uint64_t id,
                                 const SnapshotPtr& snapshot,
                                 const Subscriber& subscriber) {
  worker_.post([this,
                id,
                snapshot,
                media = subscriber.media,
                viewer = subscriber.viewer,
                weak = std::weak_ptr<bool>(alive_),
                &loop = loop_,
                heartbeat = options_.heartbeat] {
    const auto event = subscribed_event(*visible(snapshot, viewer), heartbeat);
    std::string first = api::recordio_frame(wire::encode(media, event));
    first += api::recordio_frame(wire::encode(media, kHeartbeat));
    loop.post([this, id, weak, moved = std::move(first)] {
      if (weak.lock()) {
        begin(id, moved);
      }
    });
  });
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

// The server also lets go of a reader that takes nothing for a while.
void OperatorStream::gone(std::uint64_t id) {
  const auto found = subscribers_.find(id);
  if (found == subscribers_.end()) {
    return;
  }
  if (found->second.source->waiting() >= kUnreadMax) {
    slow_subscribers_.add();
  }
  subscribers_.erase(found);
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

void OperatorStream::send(const Event& event, const std::function<bool(const Viewer&)>& sees) {
  std::vector<std::pair<std::uint64_t, wire::Media>> targets;
  for (const auto& [id, subscriber] : subscribers_) {
    if (sees(subscriber.viewer)) {
      targets.emplace_back(id, subscriber.media);
    }
  }
  for (const auto& [id, media] : targets) {
    push(id, event.as(media));
  }
}

void OperatorStream::note_users(const Notice& notice) {
  std::visit(Overloaded{[this](const FrameworkAdded& added) {
                          users_[added.framework.info.id.value_or(FrameworkId{})] =
                              added.framework.info.user;
                        },
                        [this](const FrameworkRemoved& removed) {
                          users_.erase(removed.info.id.value_or(FrameworkId{}));
                        },
                        [](const auto&) {}},
             notice);
}

void OperatorStream::publish(const Notice& notice) {
  if (subscribers_.empty()) {
    return;
  }
  const auto event = operator_event(notice);
  if (event) {
    send(Event(*event), [&](const Viewer& viewer) { return master::sees(viewer, notice, users_); });
  }
  note_users(notice);
}

}  // namespace ekiden::master
