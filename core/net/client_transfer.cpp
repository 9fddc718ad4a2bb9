#include "core/net/client_transfer.h"

#include "core/base/check.h"
#include "core/base/strings.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

namespace ekiden::net {
namespace {

long to_millis(Duration duration) {
  const auto millis = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
  return static_cast<long>(millis < 0 ? 0 : millis);
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(easy, option, value);
  CHECK(code == CURLE_OK, "curl option {}: {}", static_cast<int>(option), curl_easy_strerror(code));
}

std::string without_secrets(std::string_view url) {
  url = url.substr(0, url.find('?'));
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == url.npos ? 0 : scheme + 3;
  const std::size_t end = url.find('/', host);
  const std::size_t at = url.substr(0, end).rfind('@');
  if (at == url.npos || at < host) {
    return std::string(url);
  }
  return fmt::format("{}{}", url.substr(0, host), url.substr(at + 1));
}

}  // namespace

void ClientCallbacks::add(CallId id, std::shared_ptr<Entry> entry) {
  const std::lock_guard lock(mutex_);
  entries_.emplace(id, std::move(entry));
}

void ClientCallbacks::erase(CallId id) {
  const auto dropped = take(id);  // destroyed outside the lock
}

void ClientCallbacks::close() {
  std::unordered_map<CallId, std::shared_ptr<Entry>> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(entries_);
}

std::shared_ptr<ClientCallbacks::Entry> ClientCallbacks::find(CallId id) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second;
}

std::shared_ptr<ClientCallbacks::Entry> ClientCallbacks::take(CallId id) {
  const std::lock_guard lock(mutex_);
  auto node = entries_.extract(id);
  return node ? std::move(node.mapped()) : nullptr;
}

void ClientCallbacks::post_headers(CallId id, int status, Headers headers) {
  loop_.post([self = shared_from_this(), id, status, moved = std::move(headers)] {
    if (const auto entry = self->find(id)) {
      entry->on_headers(status, moved);
    }
  });
}

void ClientCallbacks::post_chunk(CallId id, std::string chunk) {
  loop_.post([self = shared_from_this(), id, moved = std::move(chunk)] {
    if (const auto entry = self->find(id)) {
      entry->on_chunk(moved);
      const std::size_t before = entry->backlog.fetch_sub(moved.size());
      const bool sank = before > kBacklogMax / 2 && before - moved.size() <= kBacklogMax / 2;
      // The callback may have cancelled the call, or destroyed the client.
      if (sank && self->find(id)) {
        entry->resume();
      }
    }
  });
}

void ClientCallbacks::post_done(CallId id, Result<Response> result) {
  const auto shared = std::make_shared<Result<Response>>(std::move(result));
  loop_.post([self = shared_from_this(), id, shared] {
    if (const auto entry = self->take(id)) {
      entry->done(std::move(*shared));
    }
  });
}

std::string call_text(const Call& call) {
  const std::string text = fmt::format("{} {}", call.method, without_secrets(call.url));
  return call.unix_socket.empty() ? text : fmt::format("{} through {}", text, call.unix_socket);
}

ClientTransfer::ClientTransfer(CallId id,
                               Call call,
                               std::shared_ptr<ClientCallbacks::Entry> entry,
                               ClientCallbacks& callbacks)
    : id_(id),
      call_(std::move(call)),
      entry_(std::move(entry)),
      callbacks_(callbacks),
      easy_(curl_easy_init()) {
  CHECK(easy_ != nullptr, "libcurl cannot make a handle: out of memory");
}

ClientTransfer::~ClientTransfer() {
  curl_easy_cleanup(easy_);
  curl_slist_free_all(header_list_);
  if (output_ >= 0) {
    ::close(output_);
    if (!output_complete_) {
      ::unlink(call_.output_file.c_str());
    }
  }
}

Result<void> ClientTransfer::prepare() {
  set(easy_, CURLOPT_URL, call_.url.c_str());
  set(easy_, CURLOPT_PRIVATE, this);
  set(easy_, CURLOPT_NOSIGNAL, 1L);
  set(easy_, CURLOPT_QUICK_EXIT, 1L);  // never wait for a resolver thread
  set(easy_, CURLOPT_ERRORBUFFER, error_text_);
  set(easy_, CURLOPT_PROTOCOLS_STR, call_.ftp ? "http,https,ftp,ftps" : "http,https");
  set(easy_, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  set(easy_, CURLOPT_CONNECTTIMEOUT_MS, to_millis(call_.connect_timeout));
  set(easy_, CURLOPT_TIMEOUT_MS, to_millis(call_.timeout));
  if (call_.stall_timeout > Duration{}) {
    set(easy_, CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(easy_,
        CURLOPT_LOW_SPEED_TIME,
        std::max(1L, static_cast<long>(to_seconds(call_.stall_timeout))));
  }
  set(easy_, CURLOPT_HEADERFUNCTION, &ClientTransfer::on_header);
  set(easy_, CURLOPT_HEADERDATA, this);
  set(easy_, CURLOPT_WRITEFUNCTION, &ClientTransfer::on_body);
  set(easy_, CURLOPT_WRITEDATA, this);
  set_method();
  set_headers();
  set_route();
  return open_output();
}

void ClientTransfer::set_method() {
  if (call_.method == "HEAD") {
    set(easy_, CURLOPT_NOBODY, 1L);
  } else if (!call_.body.empty() || call_.method == "POST" || call_.method == "PUT") {
    set(easy_, CURLOPT_POSTFIELDS, call_.body.data());
    set(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call_.body.size()));
    set(easy_, CURLOPT_CUSTOMREQUEST, call_.method.c_str());
  } else if (call_.method != "GET") {
    set(easy_, CURLOPT_CUSTOMREQUEST, call_.method.c_str());
  }
  if (call_.redirects_max > 0 && (call_.method == "GET" || call_.method == "HEAD")) {
    set(easy_, CURLOPT_FOLLOWLOCATION, 1L);
    set(easy_, CURLOPT_MAXREDIRS, static_cast<long>(call_.redirects_max));
  }
}

void ClientTransfer::set_headers() {
  const auto append = [this](const std::string& line) {
    header_list_ = curl_slist_append(header_list_, line.c_str());
  };
  for (const auto& [name, value] : call_.headers.all()) {
    append(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  }
  // What libcurl would add on its own: a form content type, and a wait for 100 Continue.
  if (!call_.headers.get("Content-Type")) {
    append("Content-Type:");
  }
  if (!call_.headers.get("Expect")) {
    append("Expect:");
  }
  set(easy_, CURLOPT_HTTPHEADER, header_list_);
}

void ClientTransfer::set_route() {
  if (!call_.unix_socket.empty()) {
    set(easy_, CURLOPT_UNIX_SOCKET_PATH, call_.unix_socket.c_str());
  }
  if (call_.proxy == Call::Proxy::none) {
    set(easy_, CURLOPT_PROXY, "");
  }
  if (call_.tls == Call::Tls::trust_any) {
    set(easy_, CURLOPT_SSL_VERIFYPEER, 0L);
    set(easy_, CURLOPT_SSL_VERIFYHOST, 0L);
  }
}

Result<void> ClientTransfer::open_output() {
  if (call_.output_file.empty()) {
    return {};
  }
  output_ = ::open(call_.output_file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (output_ < 0) {
    return fail(
        ErrorCode::internal,
        fmt::format(
            "cannot {} into {}: {}", call_text(call_), call_.output_file, std::strerror(errno)));
  }
  return {};
}

std::size_t ClientTransfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  static_cast<ClientTransfer*>(self)->header_line(std::string_view(data, size * count));
  return size * count;
}

std::size_t ClientTransfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<ClientTransfer*>(self)->body_part(std::string_view(data, size * count));
}

void ClientTransfer::header_line(std::string_view line) {
  line = trim(line);
  if (line.starts_with("HTTP/")) {
    response_.headers = Headers();  // the answer after a redirect or 100 Continue
    return;
  }
  if (!line.empty()) {
    const std::size_t colon = line.find(':');
    if (colon != line.npos) {
      response_.headers.add(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
    }
    return;
  }
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  const bool followed = call_.redirects_max > 0 && status >= 300 && status < 400 &&
                        response_.headers.get("Location").has_value();
  if (entry_->on_headers && status >= 200 && !followed) {
    callbacks_.post_headers(id_, response_.status, response_.headers);
  }
}

std::size_t ClientTransfer::body_part(std::string_view part) {
  if (entry_->on_chunk && entry_->backlog.load() > kBacklogMax) {
    return CURL_WRITEFUNC_PAUSE;
  }
  received_ += part.size();
  if (!entry_->on_chunk && received_ > call_.body_bytes_max) {
    too_large_ = true;
    return 0;
  }
  if (entry_->on_chunk) {
    entry_->backlog += part.size();
    callbacks_.post_chunk(id_, std::string(part));
  } else if (output_ >= 0) {
    return write_output(part) ? part.size() : 0;
  } else {
    response_.body.append(part);
  }
  return part.size();
}

bool ClientTransfer::write_output(std::string_view part) {
  while (!part.empty()) {
    const ssize_t written = ::write(output_, part.data(), part.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      output_errno_ = errno;
      return false;
    }
    part.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void ClientTransfer::resume() {
  curl_easy_pause(easy_, CURLPAUSE_CONT);
}

Result<Response> ClientTransfer::result(CURLcode code) {
  if (code != CURLE_OK) {
    return fail(failure(code));
  }
  output_complete_ = true;
  return std::move(response_);
}

Error ClientTransfer::failure(CURLcode code) const {
  const std::string what = call_text(call_);
  if (too_large_) {
    return {ErrorCode::too_large,
            fmt::format("cannot {}: the answer is larger than the limit of {} bytes",
                        what,
                        call_.body_bytes_max)};
  }
  if (output_errno_ != 0) {
    return {ErrorCode::internal,
            fmt::format(
                "cannot {} into {}: {}", what, call_.output_file, std::strerror(output_errno_))};
  }
  const char* reason = error_text_[0] != '\0' ? error_text_ : curl_easy_strerror(code);
  ErrorCode kind = ErrorCode::unavailable;
  if (code == CURLE_OPERATION_TIMEDOUT) {
    kind = ErrorCode::timeout;
  } else if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
    kind = ErrorCode::invalid;
  }
  return {kind, fmt::format("cannot {}: {}", what, reason)};
}

}  // namespace ekiden::net
