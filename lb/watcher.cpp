#include "lb/watcher.h"

#include "core/base/log.h"

#include <fmt/core.h>

namespace ekiden::lb {

namespace {

using namespace std::chrono_literals;

constexpr Backoff kReconnect{500ms, 1.5, 30s};
constexpr Duration kSilenceMax = 300s;  // a stream without a byte for so long is dead
constexpr Duration kFetchTimeout = 46s;
constexpr Duration kConnectTimeout = 3050ms;
constexpr std::string_view kDataPrefix = "data:";
constexpr std::string_view kEventsPath =
    "/v2/events?plan-format=light&event_type=api_post_event"
    "&event_type=health_status_changed_event&event_type=status_update_event"
    "&event_type=instance_health_changed_event&event_type=app_terminated_event";

}  // namespace

Watcher::Watcher(net::Loop& loop,
                 net::Client& client,
                 const Options& options,
                 Metrics& metrics,
                 Callbacks callbacks)
    : loop_(loop),
      client_(client),
      options_(options),
      metrics_(metrics),
      callbacks_(std::move(callbacks)),
      random_(system_seed()),
      coalesce_timer_(loop, [this] { refresh(); }),
      poll_timer_(loop,
                  [this] {
                    refresh();
                    arm_poll();
                  }),
      reconnect_timer_(loop, [this] { connect(); }),
      silence_timer_(loop, [this] {
        client_.cancel(stream_call_);
        failures_ = 0;
        disconnected();
      }) {}

Watcher::~Watcher() {
  client_.cancel(fetch_call_);
  client_.cancel(stream_call_);
}

void Watcher::start() {
  refresh();
  arm_poll();
  connect();
}

net::Call Watcher::call(std::string_view path) const {
  net::Call call;
  call.url = options_.marathon_url + std::string(path);
  call.connect_timeout = kConnectTimeout;
  call.redirects_max = 1;
  call.headers.set("User-Agent", "ekiden-lb");
  if (!options_.authorization.empty()) {
    call.headers.set("Authorization", options_.authorization);
  }
  return call;
}

std::uint64_t Watcher::refresh() {
  if (fetching_) {
    fetch_again_ = true;
    return fetch_number_ + 1;
  }
  fetch();
  return fetch_number_;
}

void Watcher::soon() {
  if (!soon_) {
    soon_ = true;
    coalesce_timer_.set_after(options_.coalesce);
  }
}

void Watcher::fetch() {
  fetching_ = true;
  fetch_again_ = false;
  soon_ = false;
  coalesce_timer_.cancel();
  ++fetch_number_;
  metrics_.fetches.add();
  net::Call request = call("/v2/apps?embed=apps.tasks");
  request.timeout = kFetchTimeout;
  request.headers.set("Accept", "application/json");
  fetch_call_ = client_.send(std::move(request),
                             [this](Result<net::Response> answer) { fetched(std::move(answer)); });
}

void Watcher::fetched(Result<net::Response> answer) {
  fetching_ = false;
  const std::uint64_t number = fetch_number_;
  const bool again = fetch_again_;
  if (again) {
    fetch();
  }
  if (answer && answer->status == 200) {
    callbacks_.on_apps(number, std::move(answer->body));
    return;
  }
  metrics_.fetch_failures.add();
  callbacks_.on_failure(number,
                        answer ? Error{ErrorCode::unavailable,
                                       fmt::format("cannot list the apps of {}: it answered {}",
                                                   options_.marathon_url,
                                                   answer->status)}
                               : answer.error());
}

void Watcher::connect() {
  net::Call request = call(kEventsPath);
  request.timeout = Duration::zero();
  request.headers.set("Accept", "text/event-stream");
  request.headers.set("Cache-Control", "no-cache");
  request.on_headers = [this](int status, const net::Headers&) {
    if (status != 200) {
      return;
    }
    streaming_ = true;
    failures_ = 0;
    line_start_.clear();
    silence_timer_.set_after(kSilenceMax);
    arm_poll();
    refresh();  // nothing that happened while we were away is lost
  };
  request.on_chunk = [this](std::string_view bytes) { on_bytes(bytes); };
  stream_call_ =
      client_.send(std::move(request), [this](const Result<net::Response>&) { disconnected(); });
}

void Watcher::disconnected() {
  if (streaming_) {
    log::info("the event stream of {} has ended: reconnecting", options_.marathon_url);
  }
  streaming_ = false;
  silence_timer_.cancel();
  ++failures_;
  const Duration wait = kReconnect.delay(failures_);
  reconnect_timer_.set_after(from_seconds(to_seconds(wait) * (0.5 + random_.unit() / 2)));
  arm_poll();
}

// Only whether an event came matters: Marathon filters the types, and the apps are asked anew.
void Watcher::on_bytes(std::string_view bytes) {
  silence_timer_.set_after(kSilenceMax);
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (line_start_.size() < kDataPrefix.size()) {
      line_start_ += piece.substr(0, kDataPrefix.size() - line_start_.size());
      if (line_start_ == kDataPrefix) {
        metrics_.events.add();
        soon();
      }
    }
    if (end == std::string_view::npos) {
      return;
    }
    line_start_.clear();
    bytes.remove_prefix(end + 1);
  }
}

void Watcher::arm_poll() {
  poll_timer_.set_after(streaming_ ? options_.poll_interval : options_.poll_fallback);
}

}  // namespace ekiden::lb
