#include "core/master/http_scheduler.h"

#include "core/api/recordio.h"
#include "core/base/overloaded.h"
#include "core/base/strings.h"
#include "core/master/permissions.h"
#include "core/wire/stream_call.h"

#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/core.h>

namespace ekiden::master {
namespace {

namespace scheduler = api::scheduler;

constexpr std::size_t kUuidBytes = 16;

std::string problems_text(const Error& error) {
  std::string text = error.message;
  for (const Problem& problem : error.problems) {
    text += fmt::format("\n{}: {}", problem.path, problem.reason);
  }
  return text;
}

// Row 8 of table 1.7: what the envelope must have, whatever the call.
std::optional<std::string> envelope_problem(const scheduler::Call& call) {
  if (const auto* subscribe = std::get_if<scheduler::Subscribe>(&call.body)) {
    const FrameworkId outer = call.framework_id.value_or(FrameworkId{});
    const FrameworkId inner = subscribe->framework_info.id.value_or(FrameworkId{});
    if (outer != inner) {
      return "'framework_id' differs from 'subscribe.framework_info.id'";
    }
    return std::nullopt;
  }
  if (!call.framework_id) {
    return "Expecting 'framework_id' to be present";
  }
  const auto uuid_problem = [](const std::string& uuid) -> std::optional<std::string> {
    if (uuid.size() == kUuidBytes) {
      return std::nullopt;
    }
    return fmt::format("Not a valid UUID: {} bytes instead of {}", uuid.size(), kUuidBytes);
  };
  return std::visit(
      Overloaded{[&](const scheduler::Acknowledge& one) { return uuid_problem(one.uuid); },
                 [&](const scheduler::AcknowledgeOperationStatus& one) {
                   return one.agent_id ? uuid_problem(one.uuid)
                                       : std::optional<std::string>("Expecting 'agent_id'");
                 },
                 [&](const scheduler::UpdateFramework& one) -> std::optional<std::string> {
                   if (one.framework_info.id == call.framework_id) {
                     return std::nullopt;
                   }
                   return "'framework_id' differs from 'update_framework.framework_info.id'";
                 },
                 [](const auto&) -> std::optional<std::string> { return std::nullopt; }},
      call.body);
}

// An authenticated client is the framework's principal [mesos-core 5.14]; unset is filled in.
std::optional<std::string> adopt_principal(const std::string& principal,
                                           model::FrameworkInfo& framework) {
  if (principal.empty() || framework.principal == principal) {
    return std::nullopt;
  }
  if (framework.principal) {
    return fmt::format(
        "Authenticated principal '{}' does not match principal '{}' set in "
        "`FrameworkInfo`",
        principal,
        *framework.principal);
  }
  framework.principal = principal;
  return std::nullopt;
}

std::optional<std::string> principal_problem(const std::string& principal, scheduler::Call& call) {
  if (auto* subscribe = std::get_if<scheduler::Subscribe>(&call.body)) {
    return adopt_principal(principal, subscribe->framework_info);
  }
  if (auto* update = std::get_if<scheduler::UpdateFramework>(&call.body)) {
    return adopt_principal(principal, update->framework_info);
  }
  return std::nullopt;
}

bool examines_accept(const scheduler::Call& call) {
  return std::holds_alternative<scheduler::Subscribe>(call.body) ||
         std::holds_alternative<scheduler::ReconcileOperations>(call.body);
}

}  // namespace

HttpSchedulers::HttpSchedulers(net::Loop& loop,
                               ConnectionId& next,
                               Counter slow_readers,
                               Links links)
    : links_(std::move(links)),
      streams_(loop, {next, slow_readers, system_seed(), [this](ConnectionId connection) {
                        principals_.erase(connection);
                        links_.closed(connection);
                      }}) {}

void HttpSchedulers::handle(net::Request request, net::Responder respond) {
  if (request.headers.get("Content-Type") == "application/recordio") {
    handle_batch(request, respond);
    return;
  }
  const auto media = wire::body_media(request.headers);
  if (!media) {
    const int status = media.error().code == ErrorCode::unsupported ? 415 : 400;
    respond(net::text_response(status, media.error().message));
    return;
  }
  handle_call(request, {*media, request.body}, std::move(respond));
}

// As if each had come alone, until one is refused: its answer is the answer. Frameworks of ours ask
// for it when they subscribe (wire::kBatchingHeader).
void HttpSchedulers::handle_batch(const net::Request& request, const net::Responder& respond) {
  api::RecordIoDecoder decoder;
  auto records = decoder.feed(request.body);
  if (!records || !request.headers.get(wire::kStreamIdHeader)) {
    respond(net::text_response(
        400, "A batch of calls needs the 'Mesos-Stream-Id' header and a body of whole records"));
    return;
  }
  const auto media = wire::named_media(request.headers.get("Message-Content-Type").value_or(""));
  if (!media) {
    respond(net::text_response(415,
                               "Expecting 'Message-Content-Type' of application/json or "
                               "application/x-protobuf"));
    return;
  }
  auto refused = std::make_shared<std::optional<net::Response>>();
  for (const std::string& record : *records) {
    handle_call(request, {*media, record}, net::Responder([refused](net::Response answer) {
                  if (answer.status >= 300) {
                    *refused = std::move(answer);
                  }
                }));
    if (*refused) {
      respond(std::move(**refused));
      return;
    }
  }
  respond(net::text_response(202, ""));
}

void HttpSchedulers::handle_call(const net::Request& request,
                                 const Body& body,
                                 net::Responder respond) {
  auto call = wire::decode<scheduler::Call>(body.media, body.bytes);
  if (!call) {
    respond(
        net::text_response(400, "Failed to parse body into Call: " + problems_text(call.error())));
    return;
  }
  auto problem = envelope_problem(*call);
  if (!problem) {
    problem = principal_problem(request.principal, *call);
  }
  if (problem) {
    respond(net::text_response(400, "Failed to validate scheduler::Call: " + *problem));
    return;
  }
  if (examines_accept(*call) && !wire::accepted_media(request.headers)) {
    respond(net::text_response(
        406, "Expecting 'Accept' to allow application/json or application/x-protobuf"));
    return;
  }
  if (std::holds_alternative<scheduler::Subscribe>(call->body)) {
    subscribe(request, std::move(*call), std::move(respond));
    return;
  }
  const auto found = owner(request, *call->framework_id);
  if (const auto* refusal = std::get_if<Refusal>(&found)) {
    respond(net::text_response(refusal->status, refusal->text));
    return;
  }
  const ConnectionId connection = std::get<ConnectionId>(found);
  if (std::holds_alternative<scheduler::UnknownCall>(call->body)) {
    respond(net::text_response(501, "Received 'UNKNOWN' call"));
  } else if (std::holds_alternative<scheduler::UpdateFramework>(call->body)) {
    update(connection, std::move(*call), std::move(respond));
  } else if (const auto* asked = std::get_if<scheduler::ReconcileOperations>(&call->body)) {
    respond(reconcile(request, *call->framework_id, *asked));
    links_.call(connection, std::move(*call));
  } else {
    links_.call(connection, std::move(*call));
    respond(net::text_response(202, ""));
  }
}

// Answered with the stream before the master decides: a refusal is an ERROR event on it.
void HttpSchedulers::subscribe(const net::Request& request,
                               scheduler::Call call,
                               net::Responder respond) {
  if (request.headers.get(wire::kStreamIdHeader)) {
    respond(
        net::text_response(400, "Subscribe calls should not include the 'Mesos-Stream-Id' header"));
    return;
  }
  const bool is_ours = request.headers.get(wire::kBatchingHeader) == wire::kBatchingRecordio;
  auto opened =
      streams_.open(is_ours ? wire::Media::protobuf : *wire::accepted_media(request.headers));
  if (is_ours) {
    opened.response.headers.set(wire::kBatchingHeader, wire::kBatchingRecordio);
  }
  respond(std::move(opened.response));
  const auto& info = std::get<scheduler::Subscribe>(call.body).framework_info;
  if (!may_register(*links_.acls, request.principal, info)) {
    send(opened.connection,
         scheduler::ErrorEvent{
             fmt::format("Not authorized to use the roles '{}'", join(info.all_roles(), ", "))});
    streams_.close(opened.connection);
    return;
  }
  if (!request.principal.empty()) {
    principals_[opened.connection] = request.principal;
  }
  links_.call(opened.connection, std::move(call));
}

// The answer is the body, not an event; 202 as for every call [mesos-core 2.1, Appendix D 14].
net::Response HttpSchedulers::reconcile(const net::Request& request,
                                        const FrameworkId& framework,
                                        const scheduler::ReconcileOperations& call) const {
  const auto media = wire::accepted_media(request.headers).value_or(wire::Media::json);
  net::Response response;
  response.status = 202;
  response.headers.set("Content-Type", wire::content_type(media));
  response.body = wire::encode(media,
                               scheduler::Response(scheduler::ReconcileOperationsResponse{
                                   links_.machine().reconcile_operations(framework, call)}));
  return response;
}

std::variant<ConnectionId, HttpSchedulers::Refusal> HttpSchedulers::owner(
    const net::Request& request, const FrameworkId& framework) const {
  const auto subscription = links_.machine().subscription(framework);
  if (!subscription) {
    return Refusal{400, "Framework cannot be found"};
  }
  const auto principal =
      subscription->connection ? principals_.find(*subscription->connection) : principals_.end();
  if (principal != principals_.end() && principal->second != request.principal) {
    return Refusal{400,
                   fmt::format("Authenticated principal '{}' does not match the principal of "
                               "framework {}",
                               request.principal,
                               framework.value)};
  }
  const std::string* stream_id =
      subscription->connection ? streams_.stream_id(*subscription->connection) : nullptr;
  if (stream_id == nullptr) {
    return Refusal{403, "Framework is not subscribed"};
  }
  const auto given = request.headers.get(wire::kStreamIdHeader);
  if (!given) {
    return Refusal{400, "All non-subscribe calls should include the 'Mesos-Stream-Id' header"};
  }
  if (*given != *stream_id) {
    return Refusal{400,
                   fmt::format("The stream ID '{}' included in this request didn't match the "
                               "stream ID currently associated with framework ID {}",
                               *given,
                               framework.value)};
  }
  return *subscription->connection;
}

void HttpSchedulers::update(ConnectionId connection, scheduler::Call call, net::Responder respond) {
  const auto problem = links_.machine().update_problem(
      *call.framework_id, std::get<scheduler::UpdateFramework>(call.body));
  if (problem) {
    respond(net::text_response(400, "Failed to update the framework: " + *problem));
    return;
  }
  links_.call(connection, std::move(call));
  links_.after_commit([respond] { respond(net::text_response(200, "")); });
}

void HttpSchedulers::send(ConnectionId connection, const scheduler::Event& event) {
  if (const auto media = streams_.media(connection)) {
    streams_.send(connection, wire::encode(*media, event));
  }
}

}  // namespace ekiden::master
