#include "marathon/routes/api.h"

#include "core/base/log.h"
#include "core/base/overloaded.h"

#include <algorithm>

namespace ekiden::marathon::routes {
namespace {

void append(std::vector<net::Route>& all, std::vector<net::Route> some) {
  std::move(some.begin(), some.end(), std::back_inserter(all));
}

bool expects_json(const net::Request& request) {
  return request.path.starts_with("/v2/") && !request.path.starts_with("/v2/events");
}

log::Level log_level() {
  for (const log::Level level : {log::Level::debug, log::Level::info, log::Level::warn}) {
    if (log::enabled(level)) {
      return level;
    }
  }
  return log::Level::error;
}

}  // namespace

Api::Api(Host host)
    : host_(std::move(host)),
      events_(host_.loop, [now = host_.now] { return now().wall; }),
      level_back_(host_.loop, [this] { log::set_level(*std::exchange(level_before_, {})); }) {}

net::Handler json_only(net::Handler handler) {
  return [handler = std::move(handler)](net::Request request, net::Responder respond) {
    if (!has_json_body(request)) {
      respond(message(415, "Unsupported Media Type"));
      return;
    }
    handler(std::move(request), std::move(respond));
  };
}

net::Handler Api::handler() {
  std::vector<net::Route> all;
  append(all, app_routes(*this));
  append(all, task_routes(*this));
  append(all, pod_routes(*this));
  append(all, group_routes(*this));
  append(all, deployment_routes(*this));
  append(all, queue_routes(*this));
  append(all, why_routes(*this));
  append(all, plan_routes(*this));
  append(all, info_routes(*this));
  append(all, system_routes(*this));
  auto router = std::make_shared<net::Router>(std::move(all));
  router->on_not_found([](const net::Request&) { return message(404, "URI not found"); });
  router->on_not_allowed([](const net::Request&, const auto&) { return not_allowed(); });
  return [this, router](net::Request request, net::Responder respond) {
    const net::Responder with_headers(
        [this, respond](net::Response response) { respond(add_headers(std::move(response))); });
    if (expects_json(request) && !accepts(request, "application/json")) {
      with_headers(message(406, "Not Acceptable"));
      return;
    }
    (*router)(std::move(request), with_headers);
  };
}

net::Response Api::add_headers(net::Response response) const {
  response.headers.set("X-Marathon-Leader", "http://" + host_.identity.leader);
  response.headers.set("X-Frame-Options", "DENY");
  response.headers.set("X-XSS-Protection", "1; mode=block");
  if (!response.headers.get("Cache-Control")) {
    response.headers.set("Cache-Control", "no-cache, no-store, must-revalidate");
    response.headers.set("Pragma", "no-cache");
    response.headers.set("Expires", "0");
  }
  return response;
}

void Api::change(const net::Request& request,
                 net::Responder respond,
                 Change change,
                 OnApplied on_applied) {
  ChangeRoot wanted;
  wanted.force = flag(request, "force");
  wanted.dry_run = flag(request, "dryRun");
  wanted.actor = actor_of(request);
  wanted.change = std::move(change);
  if (std::holds_alternative<DeleteApp>(wanted.change)) {
    wanted.force = flag(request, "force", Default::yes);
  }
  command(std::move(wanted), std::move(respond), [on_applied](const Reply& reply) {
    const auto* applied = std::get_if<Applied>(&reply.body);
    return applied != nullptr ? on_applied(*applied)
                              : message(500, "the change was answered without a result");
  });
}

void Api::command(Command command, net::Responder respond, OnReply on_reply) {
  const RequestId id = ++last_request_;
  std::visit([id](auto& one) { one.request = id; }, command);
  pending_.emplace(id, Pending{std::move(respond), std::move(on_reply)});
  host_.send(std::move(command));
}

void Api::answer(const Reply& reply) {
  const auto found = pending_.find(reply.request);
  if (found == pending_.end()) {
    return;
  }
  const Pending pending = std::move(found->second);
  pending_.erase(found);
  pending.respond(std::visit(Overloaded{
                                 [](const Locked& body) { return locked(body); },
                                 [](const Rejected& body) { return failure(body.error); },
                                 [&](const auto&) { return pending.on_reply(reply); },
                             },
                             reply.body));
}

void Api::render(std::size_t objects, net::Responder respond, Render write) {
  auto work = [this,
               respond,
               write = std::move(write),
               snapshot = host_.snapshot(),
               now = host_.now().wall] {
    const wire::View view(*snapshot, now, caches_);
    respond(write(view));
  };
  if (objects <= kRenderOnLoopMax || !host_.background) {
    work();
    return;
  }
  if (!host_.background(work)) {
    respond(message(503, "cannot write the answer: too many large answers are being written"));
  }
}

void Api::publish(const std::vector<Notice>& notices) {
  std::vector<StreamEvent> all;
  for (const Notice& notice : notices) {
    auto events = to_events(notice);
    std::move(events.begin(), events.end(), std::back_inserter(all));
    if (const std::string line = to_log_line(notice); !line.empty()) {
      const auto* log = std::get_if<LogNotice>(&notice.body);
      log::write(log != nullptr && log->warning ? log::Level::warn : log::Level::info, line);
    }
  }
  events_.publish(all);
}

void Api::set_log_level(log::Level level, std::int64_t seconds) {
  level_back_.cancel();
  if (seconds <= 0) {
    level_before_.reset();
  } else {
    level_before_ = level_before_.value_or(log_level());
    level_back_.set_after(std::chrono::seconds(std::min(seconds, kLogLevelSecondsMax)));
  }
  log::set_level(level);
}

void Api::publish_api_post(const net::Request& request, const App& app) {
  events_.publish({api_post_event(app, client_ip(request), request.path, host_.now().wall)});
}

}  // namespace ekiden::marathon::routes
