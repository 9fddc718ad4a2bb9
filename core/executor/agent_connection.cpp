#include "core/executor/agent_connection.h"

#include "core/base/log.h"
#include "core/executor/cgroup_files.h"
#include "core/json/json.h"

namespace ekiden::executor {

namespace {

constexpr const char* kTarget = "/api/v1/executor";

}  // namespace

AgentConnection::AgentConnection(net::Loop& loop,
                                 std::string endpoint_file,
                                 std::string fallback,
                                 Callbacks callbacks)
    : loop_(loop),
      endpoint_file_(std::move(endpoint_file)),
      fallback_(std::move(fallback)),
      callbacks_(std::move(callbacks)),
      retry_(loop, [this] { connect(); }) {}

void AgentConnection::connect() {
  const std::string text = read_small_file(endpoint_file_).value_or(fallback_);
  const Result<Endpoint> endpoint = parse_endpoint(text);
  if (!endpoint) {
    closed();
    return;
  }
  const api::executor::Call call = callbacks_.subscribe();
  in_subscribe_.clear();
  for (const auto& status : std::get<api::executor::Subscribe>(call.body).unacknowledged_updates) {
    in_subscribe_.insert(status.uuid.value_or(""));
  }
  decoder_ = std::make_unique<api::RecordIoDecoder>();
  calls_ = std::make_unique<HttpConnection>(loop_, *endpoint);
  stream_ = std::make_unique<HttpConnection>(loop_, *endpoint);
  HttpExchange exchange;
  exchange.method = "POST";
  exchange.target = kTarget;
  exchange.timeout = {};
  exchange.body = json::encode(call, json::kMesos);
  exchange.on_chunk = [this](std::string_view bytes) { receive(bytes); };
  stream_->send(std::move(exchange), [this](Result<HttpAnswer> answer) {
    if (answer && answer->status != 200) {
      log::warn("the agent answered {} to SUBSCRIBE; trying again", answer->status);
    }
    closed();
  });
}

void AgentConnection::receive(std::string_view bytes) {
  const auto records = decoder_->feed(bytes);
  if (!records) {
    return;  // an error page: the exchange ends by itself
  }
  for (const std::string& record : *records) {
    auto event = json::decode<api::executor::Event>(record, json::kMesos);
    if (!event) {
      log::warn("cannot read an event of the agent: {}", event.error().message);
      continue;
    }
    const bool greeted = std::holds_alternative<api::executor::Subscribed>(*event);
    if (greeted) {
      subscribed_ = true;
      failures_ = 0;
    }
    callbacks_.event(std::move(*event));
    if (greeted) {
      subscribed();
    }
  }
}

// What came up while SUBSCRIBE was on its way.
void AgentConnection::subscribed() {
  const api::executor::Call call = callbacks_.subscribe();
  for (const auto& status : std::get<api::executor::Subscribe>(call.body).unacknowledged_updates) {
    if (!in_subscribe_.contains(status.uuid.value_or(""))) {
      post({call.framework_id, call.executor_id, api::executor::Update{status}});
    }
  }
}

void AgentConnection::send(const api::executor::Call& call) {
  if (subscribed_) {
    post(call);
  }
}

void AgentConnection::post(const api::executor::Call& call) {
  HttpExchange exchange;
  exchange.method = "POST";
  exchange.target = kTarget;
  exchange.body = json::encode(call, json::kMesos);
  calls_->send(std::move(exchange), [this](Result<HttpAnswer> answer) {
    if (!answer || answer->status >= 300) {
      log::warn("the agent did not take an update ({}): subscribing again",
                answer ? answer->body : answer.error().message);
      drop();
    }
  });
}

// The connections must not be destroyed from inside their own callbacks.
void AgentConnection::drop() {
  loop_.post([this] {
    stream_.reset();
    calls_.reset();
    closed();
  });
}

void AgentConnection::closed() {
  subscribed_ = false;
  retry_.set_after(kRetry.delay(++failures_));
}

}  // namespace ekiden::executor
