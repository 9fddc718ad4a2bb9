#include "core/wire/stream_call.h"

#include "core/api/recordio.h"
#include "core/base/log.h"
#include "core/base/strings.h"

#include <utility>

namespace ekiden::wire {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kErrorTextMax = 512;
constexpr const char* kStreamId = "Mesos-Stream-Id";

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
      : loop(l), client(c), options(std::move(o)), watchdog(l, [this] { silent(); }) {}

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
  std::deque<std::string> waiting;
  int redirects = 0;
  int status = 0;
  net::CallId stream = 0;
  net::CallId posting = 0;
  bool open = false;
  bool closed = false;

  net::Call call_to(const std::string& base, const std::string& body) const {
    net::Call call;
    call.method = "POST";
    call.url = base + options.path;
    call.headers.set("Content-Type", "application/json");
    call.headers.set("Accept", "application/json");
    if (!options.credentials.empty()) {
      call.headers.set("Authorization", "Basic " + base64_encode(options.credentials));
    }
    call.body = body;
    return call;
  }

  void subscribe() {
    error_text.clear();
    status = 0;
    auto call = call_to(master, first);
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
    if (posting != 0 || !open || closed || waiting.empty()) {
      return;
    }
    auto call = call_to(master, waiting.front());
    waiting.pop_front();
    if (!stream_id.empty()) {
      call.headers.set(kStreamId, stream_id);
    }
    const auto self = weak_from_this();
    posting = client.send(std::move(call), [self](Result<net::Response> answer) {
      if (auto impl = self.lock()) {
        impl->posted(std::move(answer));
      }
    });
  }

  void posted(Result<net::Response> answer) {
    posting = 0;
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

void StreamCall::send(std::string body) {
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
  if (impl.waiting.size() >= kQueueMax) {
    impl.loop.post([self = impl_] { self->close("too many calls wait to be sent"); });
    return;
  }
  impl.waiting.push_back(std::move(body));
  impl.post_next();
}

}  // namespace ekiden::wire
