#include "marathon/daemon/prober.h"

#include "core/base/strings.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::marathon {
namespace {

constexpr int kGatewayTimeout = 504;  // what an unanswered readiness check is reported as

struct Url {
  std::string_view scheme;
  std::string host;
  std::int32_t port;
  std::string path;
};

std::string to_text(const Url& url) {
  const bool v6 = url.host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}{}{}",
                     url.scheme,
                     v6 ? "[" : "",
                     url.host,
                     v6 ? "]" : "",
                     url.port,
                     url.path.starts_with('/') ? "" : "/",
                     url.path);
}

net::Call get(const Url& url, Duration timeout) {
  net::Call call;
  call.url = to_text(url);
  call.timeout = timeout;
  call.connect_timeout = timeout;
  call.body_bytes_max = Prober::kBodyMax;
  call.tls = net::Call::Tls::trust_any;
  return call;
}

// The body is not looked at, so that one that is too large is no failure of the check.
Result<void> judge(const Result<net::Response>& answer) {
  if (!answer) {
    return answer.error().code == ErrorCode::too_large ? Result<void>() : fail(answer.error());
  }
  if (answer->status >= 200 && answer->status < 400) {
    return {};
  }
  return fail(ErrorCode::unavailable, fmt::format("HTTP status {}", answer->status));
}

Duration seconds(std::int32_t count) {
  return std::chrono::seconds(std::max<std::int32_t>(1, count));
}

}  // namespace

Prober::Prober(net::Loop& loop, net::Client& client, std::size_t running_max, Callbacks callbacks)
    : loop_(loop), client_(client), running_max_(running_max), callbacks_(std::move(callbacks)) {}

void Prober::run(ProbeOrder order) {
  enqueue(std::move(order));
}

void Prober::run(ReadinessOrder order) {
  enqueue(std::move(order));
}

void Prober::enqueue(Order order) {
  if (waiting_.size() >= kQueueMax) {
    waiting_.pop_front();  // the oldest answer would be the least worth
  }
  waiting_.push_back(std::move(order));
  start_next();
}

void Prober::start_next() {
  while (running_ < running_max_ && !waiting_.empty()) {
    const Order order = std::move(waiting_.front());
    waiting_.pop_front();
    ++running_;
    std::visit([this](const auto& one) { start(one); }, order);
  }
}

void Prober::finished() {
  --running_;
  start_next();
}

void Prober::start(const ProbeOrder& order) {
  if (order.definition.protocol == HealthProtocol::tcp) {
    start_tcp(order);
  } else {
    start_http(order);
  }
}

void Prober::start_tcp(const ProbeOrder& order) {
  const std::uint64_t id = ++last_connect_;
  const net::TcpTarget target{order.host,
                              static_cast<std::uint16_t>(order.port),
                              seconds(order.definition.timeout_seconds)};
  connects_[id] = std::make_unique<net::TcpConnect>(loop_, target, [this, id, order](auto result) {
    const auto connect = connects_.extract(id);  // lives until this call is over
    report(order, std::move(result));
  });
}

void Prober::start_http(const ProbeOrder& order) {
  const HealthCheck& check = order.definition;
  const Url url{check.protocol == HealthProtocol::https ? "https" : "http",
                order.host,
                order.port,
                check.path.value_or("/")};
  client_.send(get(url, seconds(check.timeout_seconds)),
               [this, order, alive = std::weak_ptr<int>(alive_)](Result<net::Response> answer) {
                 if (!alive.expired()) {
                   report(order, judge(answer));
                 }
               });
}

void Prober::report(const ProbeOrder& order, Result<void> result) {
  ProbeResult probe{order.instance, order.task, order.check, result.has_value(), {}};
  if (!result) {
    probe.cause = result.error().message;
  }
  callbacks_.health(std::move(probe));
  finished();
}

void Prober::start(const ReadinessOrder& order) {
  const ReadinessCheck& check = order.definition;
  const Url url{check.protocol == "HTTPS" ? "https" : "http", order.host, order.port, check.path};
  client_.send(get(url, seconds(check.timeout_seconds)),
               [this, order, alive = std::weak_ptr<int>(alive_)](Result<net::Response> answer) {
                 if (alive.expired()) {
                   return;
                 }
                 const ReadinessCheck& wanted = order.definition;
                 ReadinessResult result;
                 result.name = wanted.name;
                 result.task_id = order.task;
                 const int status = answer ? answer->status : kGatewayTimeout;
                 const auto& codes = wanted.http_status_codes_for_ready;
                 result.ready = std::find(codes.begin(), codes.end(), status) != codes.end();
                 if (wanted.preserve_last_response) {
                   const auto type = answer ? answer->headers.get("Content-Type") : std::nullopt;
                   result.last_response = ReadinessResult::LastResponse{
                       status,
                       std::string(type.value_or("text/plain")),
                       answer ? answer->body : answer.error().message};
                 }
                 callbacks_.readiness({order.instance, order.task, std::move(result)});
                 finished();
               });
}

}  // namespace ekiden::marathon
