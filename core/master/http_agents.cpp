#include "core/master/http_agents.h"

#include "core/api/recordio.h"

#include <optional>
#include <utility>
#include <variant>

namespace ekiden::master {
namespace {

namespace link = api::agent_link;

Result<std::vector<link::ToMaster>> messages_of(wire::Media media, std::string_view body) {
  api::RecordIoDecoder decoder;
  auto records = decoder.feed(body);
  if (!records) {
    return fail(std::move(records.error()));
  }
  std::vector<link::ToMaster> messages;
  messages.reserve(records->size());
  for (const std::string& record : *records) {
    auto message = wire::decode<link::ToMaster>(media, record);
    if (!message) {
      return fail(std::move(message.error()));
    }
    messages.push_back(std::move(*message));
  }
  if (messages.empty()) {
    return fail(ErrorCode::invalid, "the body holds no message");
  }
  return messages;
}

}  // namespace

HttpAgents::HttpAgents(net::Loop& loop, ConnectionId& next, Counter slow_readers, Links links)
    : links_(std::move(links)),
      streams_(loop, {next, slow_readers, system_seed(), [this](ConnectionId connection) {
                        links_.closed(connection);
                      }}) {}

void HttpAgents::handle(const net::Request& request, const net::Responder& respond) {
  const auto named = wire::named_media(request.headers.get("Message-Content-Type").value_or(""));
  const wire::Media media = named.value_or(wire::Media::json);
  auto messages = messages_of(media, request.body);
  if (!messages) {
    respond(net::text_response(
        400, "Failed to read the messages of an agent: " + messages.error().message));
    return;
  }
  ConnectionId connection = 0;
  if (const auto stream_id = request.headers.get(wire::kStreamIdHeader)) {
    const auto found = streams_.find(*stream_id);
    if (!found) {
      respond(net::text_response(400, "This stream is not open: register again"));
      return;
    }
    connection = *found;
    respond(net::text_response(202, ""));
  } else if (std::holds_alternative<link::Register>(messages->front().body)) {
    auto opened = streams_.open(media);
    connection = opened.connection;
    respond(std::move(opened.response));
  } else {
    respond(net::text_response(400, "An agent's first message must be REGISTER"));
    return;
  }
  for (link::ToMaster& message : *messages) {
    links_.message(connection, std::move(message));
  }
}

void HttpAgents::send(ConnectionId connection, const link::ToAgent& message) {
  if (const auto media = streams_.media(connection)) {
    streams_.send(connection, wire::encode(*media, message));
  }
}

}  // namespace ekiden::master
