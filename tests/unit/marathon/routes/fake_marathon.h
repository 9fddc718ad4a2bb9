#pragma once

#include "marathon/change/apply.h"
#include "marathon/routes/api.h"

#include <map>
#include <optional>
#include <string>

namespace ekiden::marathon::routes {

// The API in front of a machine that applies changes at once and runs nothing.
class FakeMarathon {
 public:
  explicit FakeMarathon(Settings settings = {}) : settings_(std::move(settings)), api_(host()) {
    handler_ = api_.handler();
    publish();
  }

  net::Response call(const std::string& method,
                     const std::string& target,
                     std::string body = {},
                     net::Headers headers = {}) {
    net::Request request;
    request.method = method;
    const std::size_t mark = target.find('?');
    request.path = target.substr(0, mark);
    request.query = mark == std::string::npos ? "" : target.substr(mark + 1);
    request.body = std::move(body);
    request.headers = std::move(headers);
    request.headers.set("Host", "here:8080");
    request.remote = "10.0.0.9:51234";
    auto answer = std::make_shared<net::Response>();  // may come after this call
    answer->status = 0;
    handler_(std::move(request),
             net::Responder([answer](net::Response response) { *answer = std::move(response); }));
    return *answer;
  }

  json::Value json(const std::string& method, const std::string& target, std::string body = {}) {
    return json::parse(call(method, target, std::move(body)).body).value_or(json::Value());
  }

  Api& api() { return api_; }

  Snapshot& state() { return state_; }

  net::Loop& loop() { return loop_; }

  void publish() {
    ++state_.sequence;
    snapshot_ = std::make_shared<const Snapshot>(state_);
  }

  void tick() { wall_ += std::chrono::milliseconds(1000); }

  int abdications = 0;
  std::optional<Reply> next_reply;  // instead of applying
  bool keep_background = false;     // else it runs at once
  bool background_full = false;
  std::vector<std::function<void()>> background;
  std::optional<Command> last_command;
  static constexpr WallTime kStart{std::chrono::seconds(1714557600)};  // 2024-05-01T10:00:00Z

 private:
  Host host() {
    Identity identity;
    identity.version = "0.1.0";
    identity.leader = "here:8080";
    identity.http_port = 8080;
    identity.master_url = "http://master:5050";
    return Host{loop_,
                [this] { return snapshot_; },
                [this](WallTime version) -> std::optional<Root> {
                  const auto found = roots_.find(version);
                  return found == roots_.end() ? std::nullopt : std::optional(found->second);
                },
                [this](Command command) { run(std::move(command)); },
                [this] {
                  return Now{Time{}, wall_};
                },
                [this](std::function<void()> work) { return run_away(std::move(work)); },
                nullptr,
                nullptr,
                [this] { ++abdications; },
                nullptr,
                settings_,
                identity,
                "",
                ""};
  }

  bool run_away(std::function<void()> work) {
    if (background_full) {
      return false;
    }
    if (keep_background) {
      background.push_back(std::move(work));
    } else {
      work();
    }
    return true;
  }

  void run(Command command) {
    last_command = command;
    Reply reply;
    std::visit([&](const auto& one) { reply.request = one.request; }, command);
    if (next_reply) {
      reply.body = next_reply->body;
      next_reply.reset();
    } else if (const auto* change = std::get_if<ChangeRoot>(&command)) {
      reply.body = apply(*change);
    } else {
      reply.body = Done{};
    }
    publish();
    api_.answer(reply);
  }

  decltype(Reply::body) apply(const ChangeRoot& change) {
    tick();
    change::Context context{settings_, wall_};
    context.history.app_at = [this](const PathId& id, WallTime version) -> AppPtr {
      const auto found = history_.find({id, version});
      return found == history_.end() ? nullptr : found->second;
    };
    context.purpose = change.dry_run ? change::Purpose::dry_run : change::Purpose::apply;
    context.force = change.force ? change::Force::yes : change::Force::no;
    auto outcome = change::apply(state_.root, change.change, context);
    if (!outcome) {
      return Rejected{outcome.error()};
    }
    Applied applied;
    applied.version = wall_;
    applied.deployment = DeploymentId{"deployment-" + std::to_string(++deployments_)};
    applied.created = outcome->created;
    if (!change.dry_run && !change.what_if) {
      state_.root = outcome->root;
      state_.root_versions.push_back(wall_);
      roots_[wall_] = state_.root;
      for (const PathId& id : outcome->changed) {
        if (const AppPtr app = state_.root.find_app(id)) {
          history_[{id, app->version_info.version}] = app;
        }
      }
    }
    return applied;
  }

  Settings settings_;
  net::Loop loop_;
  WallTime wall_ = kStart;
  Snapshot state_;
  SnapshotPtr snapshot_;
  std::map<std::pair<PathId, WallTime>, AppPtr> history_;
  std::map<WallTime, Root> roots_;
  int deployments_ = 0;
  Api api_;
  net::Handler handler_;
};

}  // namespace ekiden::marathon::routes
