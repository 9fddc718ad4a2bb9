#include "core/master/operator_api.h"

#include "core/base/overloaded.h"
#include "core/master/operator_answers.h"
#include "core/master/permissions.h"
#include "core/wire/legacy.h"
#include "core/wire/media.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

namespace ekiden::master {
namespace {

namespace wire_api = api::master_operator;
namespace op = api::op;
using wire::Media;

net::Response answer(Media media, const wire_api::Response& response) {
  net::Response made;
  made.headers.set("Content-Type", wire::content_type(media));
  made.body = wire::encode(media, response);
  return made;
}

std::string problems_text(const Error& error) {
  std::string text = error.message;
  for (const Problem& problem : error.problems) {
    text += fmt::format("\n{}: {}", problem.path, problem.reason);
  }
  return text;
}

// A call on its way to its answer.
struct Exchange {
  wire_api::Call call;
  Media media = Media::json;  // of the answer
  std::string principal;
  net::Responder respond;
};

void on_worker(RouteContext& context, const net::Responder& respond, std::function<void()> work) {
  if (!context.worker.post(std::move(work))) {
    respond(net::text_response(503, "Too many reads are waiting; try again"));
  }
}

op::FlagList flag_list(const std::map<std::string, std::string>& flags) {
  op::FlagList list;
  for (const auto& [name, value] : flags) {
    list.flags.push_back({name, value});
  }
  return list;
}

op::Version version() {
  const wire::BuildInfo& build = wire::build_info();
  op::Version made;
  made.version_info.version = build.version;
  made.version_info.build_date = build.date;
  made.version_info.build_time = build.time;
  made.version_info.build_user = build.user;
  return made;
}

void get_metrics(RouteContext& context, Exchange exchange) {
  on_worker(context,
            exchange.respond,
            [snapshot = context.snapshot(),
             values = context.counters(),
             frameworks = context.framework_metrics,
             media = exchange.media,
             respond = exchange.respond] {
              op::MetricList list;
              for (const auto& source : {values, gauges(*snapshot, frameworks)}) {
                for (const auto& [name, value] : source) {
                  list.metrics.push_back({name, value});
                }
              }
              respond(answer(media, {std::move(list)}));
            });
}

void list_files(RouteContext& context, const op::ListFiles& asked, const Exchange& exchange) {
  on_worker(context,
            exchange.respond,
            [path = asked.path,
             files = context.files,
             media = exchange.media,
             respond = exchange.respond] {
              const auto found = wire::list_files(path, files);
              if (!found) {
                respond(wire::refusal(found.error()));
                return;
              }
              op::FileList list;
              for (const wire::FileEntry& one : *found) {
                list.file_infos.push_back({one.path,
                                           one.nlink,
                                           one.size,
                                           {one.mtime_nanoseconds},
                                           one.mode,
                                           one.user,
                                           one.group});
              }
              respond(answer(media, {std::move(list)}));
            });
}

void read_file(RouteContext& context, const op::ReadFile& asked, const Exchange& exchange) {
  constexpr std::uint64_t kMax = static_cast<std::uint64_t>(INT64_MAX);
  wire::FileRange range{static_cast<std::int64_t>(std::min(asked.offset, kMax)), -1};
  if (asked.length) {
    range.length = static_cast<std::int64_t>(std::min(*asked.length, kMax));
  }
  on_worker(context,
            exchange.respond,
            [path = asked.path,
             range,
             files = context.files,
             media = exchange.media,
             respond = exchange.respond] {
              auto part = wire::read_file(path, range, files);
              respond(part ? answer(media, {op::FileData{part->size, std::move(part->data)}})
                           : wire::refusal(part.error()));
            });
}

void set_logging_level(RouteContext& context,
                       const op::SetLoggingLevel& asked,
                       const net::Responder& respond) {
  const auto raised = context.logging.raise(asked.level, Duration(asked.duration.nanoseconds));
  respond(raised ? net::text_response(200, "") : net::text_response(400, raised.error().message));
}

void read_state(RouteContext& context, Exchange exchange) {
  const SnapshotPtr snapshot = context.snapshot();
  const Viewer viewer{context.access.acls, exchange.principal};
  const net::Responder respond = exchange.respond;
  on_worker(context, respond, [snapshot, viewer, moved = std::move(exchange)] {
    const auto made = answer_from(moved.call, *visible(snapshot, viewer));
    moved.respond(made ? answer(moved.media, *made)
                       : net::text_response(501, "Received a call that is not known here"));
  });
}

void handle(RouteContext& context, Exchange exchange) {
  using wire_api::Read;
  using wire_api::ReadCall;
  const Media media = exchange.media;
  const net::Responder respond = exchange.respond;
  std::visit(
      Overloaded{
          [&](const ReadCall<Read::flags>&) { respond(answer(media, {flag_list(context.flags)})); },
          [&](const ReadCall<Read::version>&) { respond(answer(media, {version()})); },
          [&](const ReadCall<Read::logging_level>&) {
            respond(answer(media, {op::LoggingLevel{context.logging.level()}}));
          },
          [&](const ReadCall<Read::subscribe>&) {
            respond(context.stream.subscribe(
                context.snapshot(), media, {context.access.acls, exchange.principal}));
          },
          [&](const op::GetMetrics&) { get_metrics(context, exchange); },
          [&](const op::SetLoggingLevel& asked) { set_logging_level(context, asked, respond); },
          [&](const op::ListFiles& asked) { list_files(context, asked, exchange); },
          [&](const op::ReadFile& asked) { read_file(context, asked, exchange); },
          [&](const wire_api::UnknownCall&) {
            respond(net::text_response(501, "Received 'UNKNOWN' call"));
          },
          [&](const auto&) { read_state(context, exchange); }},
      exchange.call.body);
}

}  // namespace

void order_if_allowed(RouteContext& context,
                      const net::Request& request,
                      OperatorCommand command,
                      const net::Responder& respond) {
  if (!may_order(*context.access.acls, request.principal, command, *context.snapshot())) {
    respond(net::text_response(403, ""));
    return;
  }
  context.order(std::move(command), request.principal, respond);
}

net::Handler operator_api(RouteContext& context) {
  return [&context](net::Request request, net::Responder respond) {
    const auto media = wire::body_media(request.headers);
    if (!media) {
      const int status = media.error().code == ErrorCode::unsupported ? 415 : 400;
      respond(net::text_response(status, media.error().message));
      return;
    }
    auto decoded = wire::decode<wire_api::Call>(*media, request.body);
    if (!decoded) {
      respond(net::text_response(
          400, "Failed to parse body into master::Call: " + problems_text(decoded.error())));
      return;
    }
    auto command = command_from(*decoded);
    if (command && !*command) {
      respond(
          net::text_response(400, "Failed to validate master::Call: " + command->error().message));
      return;
    }
    const auto accepted = wire::accepted_media(request.headers);
    if (!accepted) {
      respond(net::text_response(
          406, "Expecting 'Accept' to allow application/json or application/x-protobuf"));
      return;
    }
    if (command) {
      order_if_allowed(context, request, std::move(**command), respond);
    } else if (!may_ask(*context.access.acls, request.principal, *decoded)) {
      respond(net::text_response(403, ""));
    } else {
      handle(context, {std::move(*decoded), *accepted, request.principal, std::move(respond)});
    }
  };
}

}  // namespace ekiden::master
