#include "dns/source.h"

#include "core/base/backoff.h"
#include "core/base/strings.h"
#include "core/json/json.h"
#include "dns/cluster_json.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace ekiden::dns {

using namespace std::chrono_literals;

namespace {

constexpr Backoff kRetry{500ms, 2.0, 10s};
constexpr std::size_t kRecordBytesMax = 1024UL * 1024 * 1024;
constexpr std::size_t kInlineBytesMax = 256 * 1024;  // larger texts are parsed on the worker
constexpr std::size_t kQueuedRecordsMax = 100'000;   // while a whole state is parsed
constexpr int kMissedHeartbeatsMax = 3;
constexpr int kLeaderHopsMax = 1;
constexpr Duration kHeartbeatMin = 5s;
constexpr Duration kAskTimeout = 10s;

// "http://10.0.0.1:5050" -> {"http", "10.0.0.1:5050"}
std::pair<std::string, std::string> scheme_and_authority(std::string_view url) {
  const std::size_t slashes = url.find("://");
  const std::string scheme =
      slashes == std::string_view::npos ? "http" : std::string(url.substr(0, slashes));
  std::string_view rest = slashes == std::string_view::npos ? url : url.substr(slashes + 3);
  return {scheme, std::string(rest.substr(0, rest.find('/')))};
}

// The base URL a redirect leads to; masters leave out the scheme [mesos-core 1.6].
std::string redirect_target(const std::string& base, std::string_view location) {
  if (location.starts_with("//")) {
    return redirect_target(base, scheme_and_authority(base).first + ":" + std::string(location));
  }
  if (location.find("://") == std::string_view::npos) {
    return {};
  }
  const auto [scheme, authority] = scheme_and_authority(location);
  return authority.empty() ? std::string() : scheme + "://" + authority;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 307 || status == 308;
}

// The master is there but has no such stream for us: its state may still be readable.
bool means_no_stream(int status) {
  return status >= 400 && status < 500 && status != 408 && status != 429;
}

}  // namespace

// One subscription, from the call to its end.
struct Source::Stream {
  Stream(net::Loop& loop, std::function<void()> on_silence)
      : decoder(kRecordBytesMax), silence(loop, std::move(on_silence)) {}

  std::string base;
  net::CallId id = 0;
  int status = 0;
  api::RecordIoDecoder decoder;
  bool parsing = false;  // the whole state is with the worker; records wait
  std::vector<std::string> waiting;
  Duration heartbeat = kHeartbeatMin;
  net::Timer silence;
};

Source::Source(net::Loop& loop,
               net::Client& client,
               runtime::Worker& worker,
               SourceOptions options,
               Listener listener)
    : loop_(loop),
      client_(client),
      worker_(worker),
      options_(std::move(options)),
      listener_(std::move(listener)),
      retry_(loop, [this] { subscribe(); }) {}

Source::~Source() {
  *alive_ = false;
  drop(opening_);
  drop(current_);
}

void Source::start() {
  if (!options_.masters.empty()) {
    subscribe();
  }
}

const std::string& Source::base_url() const {
  return redirected_.empty() ? options_.masters[master_] : redirected_;
}

net::Call Source::call(std::string method, const std::string& url) const {
  net::Call call;
  call.method = std::move(method);
  call.url = url;
  call.tls = options_.tls;
  call.body_bytes_max = kRecordBytesMax;
  call.headers.set("Content-Type", "application/json");
  call.headers.set("Accept", "application/json");
  call.headers.set("User-Agent", "Mesos-DNS");
  if (!options_.user.empty()) {
    call.headers.set("Authorization",
                     "Basic " + base64_encode(options_.user + ":" + options_.password));
  }
  return call;
}

void Source::subscribe() {
  drop(opening_);
  auto known = std::make_shared<std::weak_ptr<Stream>>();
  auto stream = std::make_shared<Stream>(loop_, [this, known] {
    // Posted, because the answer to silence destroys the timer that found it.
    loop_.post([this, alive = alive_, known] {
      if (const auto held = known->lock(); held && *alive) {
        end(held,
            Error{ErrorCode::timeout,
                  fmt::format("cannot hear {}: its event stream is silent; it will be opened "
                              "again",
                              held->base)});
      }
    });
  });
  *known = stream;
  const std::weak_ptr<Stream> weak = stream;
  stream->base = base_url();
  stream->silence.set_after(options_.state_timeout);
  net::Call request = call("POST", stream->base + "/api/v1");
  request.body = R"({"type":"SUBSCRIBE"})";
  request.timeout = Duration::zero();
  request.on_headers = [weak](int status, const net::Headers&) {
    if (const auto held = weak.lock()) {
      held->status = status;
    }
  };
  request.on_chunk = [this, weak](std::string_view bytes) {
    if (const auto held = weak.lock(); held && held->status == 200) {
      on_chunk(held, bytes);
    }
  };
  opening_ = stream;
  stream->id = client_.send(std::move(request), [this, weak](Result<net::Response> response) {
    if (const auto held = weak.lock()) {
      on_end(held, response);
    }
  });
}

void Source::on_chunk(const std::shared_ptr<Stream>& stream, std::string_view bytes) {
  Result<std::vector<std::string>> records = stream->decoder.feed(bytes);
  if (!records) {
    end(stream, records.error());
    return;
  }
  if (stream != opening_) {
    stream->silence.set_after(kMissedHeartbeatsMax * stream->heartbeat);
    listener_.contact();
  }
  for (std::string& record : *records) {
    if (stream != opening_ && stream != current_) {
      return;
    }
    if (stream->parsing) {
      stream->waiting.push_back(std::move(record));
      if (stream->waiting.size() > kQueuedRecordsMax) {
        end(stream,
            Error{ErrorCode::unavailable,
                  "cannot keep up with the master's event stream; it is opened anew"});
        return;
      }
    } else if (stream == opening_ && record.size() > kInlineBytesMax) {
      read_whole_state(stream, std::move(record));
    } else {
      on_record(stream, json::parse(record));
    }
  }
}

void Source::read_whole_state(const std::shared_ptr<Stream>& stream, std::string record) {
  stream->parsing = true;
  const bool taken = worker_.post([this,
                                   &loop = loop_,
                                   alive = alive_,
                                   weak = std::weak_ptr(stream),
                                   text = std::move(record)] {
    auto parsed = std::make_shared<Result<json::Value>>(json::parse(text));
    loop.post([this, alive, weak, parsed] {
      const auto held = weak.lock();
      if (!*alive || !held) {
        return;
      }
      held->parsing = false;
      on_record(held, *parsed);
      for (const std::string& waiting : std::exchange(held->waiting, {})) {
        on_record(held, json::parse(waiting));
      }
    });
  });
  if (!taken) {
    end(stream,
        Error{ErrorCode::unavailable,
              "cannot read the master's state: too much work "
              "waits; it will be asked again"});
  }
}

void Source::on_record(const std::shared_ptr<Stream>& stream, const Result<json::Value>& record) {
  if (stream != opening_ && stream != current_) {
    return;
  }
  if (!record) {
    end(stream, record.error());
    return;
  }
  Change change = from_event(*record, stream->heartbeat);
  stream->heartbeat = std::max(stream->heartbeat, kHeartbeatMin);
  if (std::holds_alternative<ClusterState>(change) && stream == opening_) {
    take_over(stream);
  }
  if (stream == current_ && !std::holds_alternative<std::monostate>(change)) {
    listener_.change(std::move(change));
  }
}

// The new stream's first record is here: from now on it counts.
void Source::take_over(const std::shared_ptr<Stream>& stream) {
  drop(current_);
  current_ = stream;
  opening_.reset();
  mode_ = Mode::stream;
  failures_ = 0;
  stream->silence.set_after(kMissedHeartbeatsMax * stream->heartbeat);
  retry_.set_after(options_.refresh);
  listener_.contact();
  ask_leader(stream->base);
}

void Source::on_end(const std::shared_ptr<Stream>& stream, const Result<net::Response>& response) {
  if (stream != opening_ && stream != current_) {
    return;
  }
  const int status = response ? response->status : 0;
  const std::string base = stream->base;
  if (stream == opening_ && is_redirect(status) && redirected_.empty()) {
    redirected_ = redirect_target(base, response->headers.get("Location").value_or(""));
    if (!redirected_.empty()) {
      subscribe();
      return;
    }
  }
  if (stream == opening_ && means_no_stream(status)) {
    drop(opening_);
    poll(base, 0);
    return;
  }
  end(stream,
      response ? Error{ErrorCode::unavailable,
                       fmt::format("cannot follow {}: the event stream ended with status "
                                   "{}; it will be opened again",
                                   base,
                                   status)}
               : response.error());
}

void Source::end(std::shared_ptr<Stream> stream, const Error& error) {
  if (stream == current_) {
    drop(current_);
    mode_ = Mode::none;
  } else if (stream == opening_) {
    drop(opening_);
  }
  fail_and_retry(error);
}

void Source::drop(std::shared_ptr<Stream>& stream) {
  if (stream != nullptr) {
    client_.cancel(stream->id);
    stream.reset();
  }
}

void Source::fail_and_retry(const Error& error) {
  ++failures_;
  redirected_.clear();
  if (current_ == nullptr) {
    master_ = (master_ + 1) % options_.masters.size();
  }
  listener_.failure(error);
  retry_.set_after(kRetry.delay(failures_));
}

void Source::ask_leader(const std::string& base) {
  net::Call request = call("POST", base + "/api/v1");
  request.body = R"({"type":"GET_MASTER"})";
  request.timeout = kAskTimeout;
  client_.send(std::move(request), [this, alive = alive_, base](Result<net::Response> response) {
    if (!*alive) {
      return;
    }
    std::optional<HostPort> leader;
    if (response && response->status == 200) {
      if (const auto body = json::parse(response->body)) {
        leader = leader_from_get_master(*body);
      }
    }
    // A master that offers its stream leads; at worst it is where we reached it.
    if (!leader) {
      leader = parse_host_port(scheme_and_authority(base).second);
    }
    if (leader) {
      listener_.leader(*leader);
    }
  });
}

void Source::poll(const std::string& base, int hops) {
  net::Call request = call("GET", base + "/master/state");
  request.timeout = options_.state_timeout;
  client_.send(std::move(request),
               [this, alive = alive_, base, hops](Result<net::Response> response) {
                 if (!*alive) {
                   return;
                 }
                 if (!response) {
                   fail_and_retry(response.error());
                   return;
                 }
                 auto body = std::make_shared<const std::string>(std::move(response->body));
                 const bool taken = worker_.post([this, &loop = loop_, alive, base, hops, body] {
                   Result<json::Value> document = json::parse(*body);
                   auto state = std::make_shared<Result<ClusterState>>(
                       document ? from_legacy_state(*document)
                                : Result<ClusterState>(fail(document.error())));
                   loop.post([this, alive, base, hops, state] {
                     if (*alive) {
                       on_state(base, hops, std::move(*state));
                     }
                   });
                 });
                 if (!taken) {
                   fail_and_retry(Error{ErrorCode::unavailable,
                                        "cannot read the master's state: too much work "
                                        "waits; it will be asked again"});
                 }
               });
}

void Source::on_state(const std::string& base, int hops, Result<ClusterState> state) {
  if (!state) {
    fail_and_retry(
        Error{state.error().code,
              fmt::format("cannot use the state of {}: {}", base, state.error().message)});
    return;
  }
  // A follower answers with what it knows: ask the leader, at the port that worked [3.3].
  const auto [scheme, authority] = scheme_and_authority(base);
  const auto asked = parse_host_port(authority);
  if (asked && parse_address(asked->host) && asked->host != state->leader->host &&
      hops < kLeaderHopsMax) {
    poll(fmt::format("{}://{}:{}", scheme, state->leader->host, asked->port), hops + 1);
    return;
  }
  mode_ = Mode::poll;
  failures_ = 0;
  retry_.set_after(options_.refresh);
  listener_.change(std::move(*state));
  listener_.contact();
}

}  // namespace ekiden::dns
