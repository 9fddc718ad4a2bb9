#include "core/wire/stream_call.h"

#include "core/api/recordio.h"
#include "core/base/log.h"
#include "core/base/strings.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/core.h>

namespace ekiden::wire {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kErrorTextMax = 512;
constexpr const char* kStreamId = "Mesos-Stream-Id";
constexpr const char* kRecordio = "application/recordio";

// "//host:port/path" and "http://host:port/path" give "http://host:port".
std::string authority_of(std::string_view location) {
  std::string url =
      location.starts_with("//") ? "http:" + std::string(location) : std::string(location);
  const auto host = url.find("//");
  const auto slash = host == std::string::npos ? host : url.find('/', host + 2);
  return url.substr(0, slash);
}

}  // namespace

struct StreamCall::Impl : std::enable_shared_from_this<StreamCall::Impl> {
  Impl(net::Loop& l, net::Client& c, StreamOptions o)
      : loop(l),
        client(c),
        options(std::move(o)),
        watchdog(l, [this] { silent(); }),
        record_media(options.media) {}

  net::Loop& loop;
  net::Client& client;
  StreamOptions options;
  std::function<void(std::string)> on_record;
  std::function<void()> on_close;
  api::RecordIoDecoder decoder;
  net::Timer watchdog;
  std::string first;   // the body that opens the stream
  std::string master;  // where it goes now
  std::string stream_id;
  std::string error_text;
  std::deque<std::string> waiting;   // in turn
  std::deque<std::string> any_time;  // these may overtake
  std::set<net::CallId> any_time_flying;
  Media record_media;
  int redirects = 0;
  int status = 0;
  net::CallId stream = 0;
  net::CallId posting = 0;
  bool open = false;
  bool closed = false;
  bool soon = false;

  net::Call call_to(const std::string& base, std::string body) const {
    net::Call call;
    call.method = "POST";
    call.url = base + options.path;
    const auto type = content_type(options.media);
    call.headers.set("Content-Type", type);
    call.headers.set("Accept", type);
    if (options.batching == Batching::concatenate) {
      call.headers.set("Content-Type", kRecordio);
      call.headers.set("Message-Content-Type", type);
    }
    if (!options.credentials.empty()) {
      call.headers.set("Authorization", "Basic " + base64_encode(options.credentials));
    }
    call.body = std::move(body);
    return call;
  }

  std::string framed(std::string body) const {
    return options.batching == Batching::concatenate ? api::recordio_frame(body) : body;
  }

  void subscribe() {
    error_text.clear();
    status = 0;
    watchdog.set_after(options.silence_max);
    auto call = call_to(master, framed(first));
    if (options.batching == Batching::one_by_one) {
      call.headers.set(kBatchingHeader, kBatchingRecordio);
    }
    call.timeout = Duration{};
    const auto self = weak_from_this();
    call.on_headers = [self](int code, const net::Headers& headers) {
      if (auto impl = self.lock()) {
        impl->began(code, headers);
      }
    };
    call.on_chunk = [self](std::string_view bytes) {
      if (auto impl = self.lock()) {
        impl->arrived(bytes);
      }
    };
    stream = client.send(std::move(call), [self](Result<net::Response> answer) {
      if (auto impl = self.lock()) {
        impl->ended(std::move(answer));
      }
    });
  }

  void began(int code, const net::Headers& headers) {
    status = code;
    if (code == 200) {
      open = true;
      stream_id = headers.get(kStreamId).value_or("");
      const auto type = headers.get("Content-Type").value_or("");
      record_media = named_media(type).value_or(options.media);
      if (headers.get(kBatchingHeader) == kBatchingRecordio) {
        options.batching = Batching::concatenate;
        std::move(any_time.begin(), any_time.end(), std::back_inserter(waiting));
        any_time.clear();
        options.media = waiting.empty() ? record_media : options.media;  // what waits is written
      }
      watchdog.set_after(options.silence_max);
      post_next();
    }
  }

  void arrived(std::string_view bytes) {
    if (status != 200) {
      error_text += bytes.substr(0, kErrorTextMax - std::min(kErrorTextMax, error_text.size()));
      return;
    }
    watchdog.set_after(options.silence_max);
    auto records = decoder.feed(bytes);
    if (!records) {
      close(records.error().message);
      return;
    }
    for (auto& record : *records) {
      if (!closed) {
        on_record(std::move(record));
      }
    }
  }

  void ended(Result<net::Response> answer) {
    stream = 0;
    if (answer && answer->status == 307 && redirects < kRedirectsMax) {
      ++redirects;
      master = authority_of(answer->headers.get("Location").value_or(""));
      subscribe();
      return;
    }
    if (!answer) {
      close(answer.error().message);
    } else if (answer->status != 200) {
      close(fmt::format("{}{} answered {} {}", master, options.path, answer->status, error_text));
    } else {
      close(fmt::format("{}{} ended the stream", master, options.path));
    }
  }

  void post_next() {
    if (!open || closed) {
      return;
    }
    if (posting == 0 && !waiting.empty()) {
      posting = post(next_body(), Order::in_turn);
    }
    while (any_time_flying.size() < kAnyTimeMax && !any_time.empty()) {
      std::string body = std::move(any_time.front());
      any_time.pop_front();
      any_time_flying.insert(post(std::move(body), Order::any_time));
    }
  }

  // At the end of this turn of the loop: what is sent together travels together.
  void post_soon() {
    if (!std::exchange(soon, true)) {
      loop.post([self = weak_from_this()] {
        if (auto impl = self.lock()) {
          impl->soon = false;
          impl->post_next();
        }
      });
    }
  }

  std::string next_body() {
    std::string body = framed(std::move(waiting.front()));
    waiting.pop_front();
    while (options.batching == Batching::concatenate && !waiting.empty() &&
           body.size() + waiting.front().size() <= kPostBytesMax) {
      api::append_recordio_frame(body, waiting.front());
      waiting.pop_front();
    }
    return body;
  }

  net::CallId post(std::string body, Order order) {
    auto call = call_to(master, std::move(body));
    if (!stream_id.empty()) {
      call.headers.set(kStreamId, stream_id);
    }
    auto id = std::make_shared<net::CallId>(0);
    const auto self = weak_from_this();
    *id = client.send(std::move(call), [self, id, order](Result<net::Response> answer) {
      if (auto impl = self.lock()) {
        if (order == Order::in_turn) {
          impl->posting = 0;
        } else {
          impl->any_time_flying.erase(*id);
        }
        impl->posted(std::move(answer));
      }
    });
    return *id;
  }

  void posted(Result<net::Response> answer) {
    if (!answer) {
      close(answer.error().message);
    } else if (answer->status >= 300) {
      close(fmt::format("{}{} refused a call with {} {}",
                        master,
                        options.path,
                        answer->status,
                        answer->body.substr(0, kErrorTextMax)));
    } else {
      post_next();
    }
  }

  void silent() {
    const auto self = shared_from_this();  // the owner may let go of us in on_close
    close(
        fmt::format("{}{} was silent for {}", master, options.path, to_text(options.silence_max)));
  }

  void close(const std::string& why) {
    if (closed) {
      return;
    }
    closed = true;
    log::warn("connection closed: {}; it is opened again", why);
    stop();
    const auto callback = std::move(on_close);
    callback();
  }

  void stop() {
    closed = true;
    watchdog.cancel();
    client.cancel(std::exchange(stream, 0));
    client.cancel(std::exchange(posting, 0));
    for (const net::CallId id : any_time_flying) {
      client.cancel(id);
    }
    any_time_flying.clear();
  }
};

StreamCall::StreamCall(net::Loop& loop,
                       net::Client& client,
                       StreamOptions options,
                       std::function<void(std::string)> on_record,
                       std::function<void()> on_close)
    : impl_(std::make_shared<Impl>(loop, client, std::move(options))) {
  impl_->on_record = std::move(on_record);
  impl_->on_close = std::move(on_close);
}

StreamCall::~StreamCall() {
  impl_->stop();
}

Media StreamCall::calls_media() const {
  return impl_->options.media;
}

Media StreamCall::records_media() const {
  return impl_->record_media;
}

void StreamCall::send(std::string body, Order order) {
  auto& impl = *impl_;
  if (impl.closed) {
    return;
  }
  if (impl.first.empty()) {
    impl.first = std::move(body);
    impl.master = impl.options.masters.front();
    impl.subscribe();
    return;
  }
  const bool in_turn = order == Order::in_turn || impl.options.batching == Batching::concatenate;
  auto& queue = in_turn ? impl.waiting : impl.any_time;
  if (queue.size() >= kQueueMax) {
    impl.loop.post([self = impl_] { self->close("too many calls wait to be sent"); });
    return;
  }
  queue.push_back(std::move(body));
  impl.post_soon();
}

}  // namespace ekiden::wire
