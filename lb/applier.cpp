#include "lb/applier.h"

#include "core/base/log.h"
#include "core/base/strings.h"
#include "lb/deployment_groups.h"
#include "lb/files.h"
#include "lb/head.h"

#include <filesystem>

#include <fmt/core.h>
#include <sys/resource.h>

namespace ekiden::lb {

// One run: render; when only servers differ, change them over the stats socket and write the file
// for the next start; otherwise validate, write and reload (applier_reload.cpp).

namespace {

using namespace std::chrono_literals;

constexpr Duration kTaskOutMax = 10min;  // a stop that never comes puts the task back
constexpr std::string_view kAdded = "New server registered";
constexpr std::string_view kDeleted = "Server deleted";

// Each connection takes two descriptors, and HAProxy refuses to start when its limit is too low;
// without a number it takes what it can.
int within_file_limit(int connections) {
  constexpr rlim_t kOwnFiles = 2000;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return 2 * static_cast<rlim_t>(connections) + kOwnFiles > limit.rlim_max ? 0 : connections;
}

bool says_done(const RuntimeStep& step, std::string_view command, std::string_view answer) {
  if (command.starts_with("add ")) {
    return answer.find(kAdded) != std::string_view::npos;
  }
  if (step.kind == RuntimeStep::Kind::remove) {
    return answer.find(kDeleted) != std::string_view::npos;
  }
  return trim(answer).empty() || trim(answer) == "\n";
}

}  // namespace

Applier::Applier(const Clock& clock, Options options, Ports ports)
    : clock_(clock),
      options_(std::move(options)),
      ports_(ports),
      haproxy_(options_.haproxy_path, options_.work_dir),
      templates_(Words::current),
      resolver_(clock),
      memory_(100'000) {}

RenderOptions Applier::render_options() const {
  const auto at = [&](std::uint16_t port) { return fmt::format("{}:{}", options_.ip, port); };
  HeadOptions head;
  head.stats_socket = "unix@haproxy.sock";
  head.state_folder = ".";
  head.stats_bind = at(ports_.stats);
  head.log_target = "";
  head.connections_max = within_file_limit(options_.connections_max);
  head.hard_stop_seconds = static_cast<int>(options_.old_worker_max.count());
  head.admin_address = at(ports_.admin);
  RenderOptions result;
  result.head = head_text(head);
  result.http_bind = at(ports_.http);
  result.appid_bind = at(ports_.appid);
  result.https_bind = at(ports_.https);
  result.https = options_.certificates.empty() ? Https::none : Https::plain;
  result.certificates = options_.certificates;
  result.text = {options_.maps, "."};
  return result;
}

Rendered Applier::render_now() {
  AppsOptions apps;
  apps.groups = options_.groups;
  apps.health = options_.health;
  apps.bind_addr = options_.service_ip;
  apps.kept_empty = kept_empty();
  for (const auto& [app, left] : left_out_) {
    apps.left_out.insert(app);
  }
  for (const auto& [task, until] : tasks_out_) {
    apps.tasks_out.insert(task);
  }
  const Resolve resolve = [this](const std::string& host) { return resolver_.resolve(host); };
  Rendered rendered =
      render(services_of(apps_, apps, resolve, memory_), templates_, render_options());
  for (const auto& [app, left] : left_out_) {
    rendered.rejected.push_back({app, left.reason});
  }
  return rendered;
}

// A backend whose last server has gone keeps its frontend for a while: a restart of a single
// instance then costs no reload.
std::set<std::string> Applier::kept_empty() const {
  std::set<std::string> kept;
  if (!running_) {
    return kept;
  }
  const Time now = clock_.now().time;
  for (const auto& [backend, servers] : running_->servers) {
    const auto since = empty_since_.find(backend);
    if (since == empty_since_.end() || since->second + options_.keep_empty > now) {
      kept.insert(backend);
    }
  }
  return kept;
}

// True when a backend is empty: it must be looked at again.
bool Applier::note_empty(const Rendered& rendered) {
  std::map<std::string, Time> now_empty;
  for (const auto& [backend, servers] : rendered.servers) {
    if (servers.empty()) {
      const auto since = empty_since_.find(backend);
      now_empty[backend] = since == empty_since_.end() ? clock_.now().time : since->second;
    }
  }
  empty_since_ = std::move(now_empty);
  return !empty_since_.empty();
}

void Applier::forget_done() {
  std::set<std::string> alive;
  for (const json::Value& app : apps_) {
    for (const json::Value& task : app["tasks"].as_array()) {
      alive.emplace(task["id"].as_string());
    }
  }
  const Time now = clock_.now().time;
  std::erase_if(tasks_out_, [&](const auto& entry) {
    return entry.second < now || !alive.contains(entry.first);
  });
  std::erase_if(servers_of_task_, [&](const auto& entry) { return !alive.contains(entry.first); });
  std::erase_if(left_out_, [&](const auto& entry) {
    return entry.second.until < now || entry.second.definition != definition_of(apps_, entry.first);
  });
}

// Kept for tasks that have left rotation, so that their sessions can be counted.
void Applier::remember_servers(const Rendered& rendered) {
  std::multimap<std::string, Address> now;
  for (const auto& [backend, servers] : rendered.servers) {
    for (const ServerLine& server : servers) {
      now.emplace(server.task_id, Address(backend, server.name));
    }
  }
  std::multimap<std::string, Address> leaving;
  for (const auto& entry : servers_of_task_) {
    if (tasks_out_.contains(entry.first) && !now.contains(entry.first)) {
      leaving.insert(entry);
    }
  }
  now.merge(leaving);
  servers_of_task_ = std::move(now);
}

Outcome Applier::begin() {
  Outcome outcome;
  if (!haproxy_.is_installed()) {
    outcome.error =
        fmt::format("there is no program {}: nothing is balanced", options_.haproxy_path);
    return outcome;
  }
  written_ = read_text(haproxy_.config_file());
  if (haproxy_.adopt()) {
    running_ = running_from_file(written_);
    running_->domain_map = read_text(file("domain2backend.map"));
    running_->app_map = read_text(file("app2backend.map"));
    if (const auto state = haproxy_.command("show servers state")) {
      correct(*running_, *state);
    }
    if (std::filesystem::exists(file("reload.pending"))) {
      running_->skeleton.clear();  // the process may run something older than the file
    }
    log::info("took over the running HAProxy in {}", options_.work_dir);
    return outcome;
  }
  if (const auto started = written_.empty() ? Result<void>() : haproxy_.start(); !started) {
    outcome.error = started.error().message;
  } else if (!written_.empty()) {
    running_ = running_from_file(written_);
    outcome.starts = 1;
  }
  return outcome;
}

Outcome Applier::apply(const std::string& apps_json) {
  Outcome outcome;
  auto document = json::parse(apps_json);
  if (!document || !(*document)["apps"].is_array()) {
    outcome.error = "Marathon's answer is no list of apps: the last good configuration stays";
    return outcome;
  }
  apps_ = std::move(document->find("apps")->array());
  have_apps_ = true;
  return again();
}

Outcome Applier::begin_without_apps() {
  Outcome outcome;
  if (!running_ && !have_apps_) {
    run(outcome);
  }
  return outcome;
}

Outcome Applier::again() {
  Outcome outcome;
  if (!have_apps_) {
    return outcome;
  }
  forget_done();
  run(outcome);
  if (!outcome.error.empty()) {
    log::error("load balancer: {}", outcome.error);
  }
  return outcome;
}

void Applier::run(Outcome& outcome) {
  Rendered rendered = render_now();
  remember_servers(rendered);
  outcome.unfinished = note_empty(rendered);
  outcome.services = rendered.servers.size();
  for (const auto& [backend, servers] : rendered.servers) {
    outcome.servers += servers.size();
  }
  outcome.rejected = rendered.rejected;
  if (!haproxy_.is_installed()) {
    if (const auto done = replace_file(haproxy_.config_file(), rendered.text); !done) {
      outcome.error = done.error().message;
    }
    return;
  }
  if (running_ && haproxy_.is_alive()) {
    const Plan steps = plan(*running_, rendered);
    outcome.reload_because = steps.reload_because;
    if (steps.reload_because.empty() && run_steps(steps, outcome)) {
      if (rendered.text != written_) {
        const auto done = replace_file(haproxy_.config_file(), rendered.text);
        outcome.error = done ? "" : done.error().message;
        written_ = done ? rendered.text : written_;
      }
      return;
    }
  }
  reload(std::move(rendered), outcome);
}

bool Applier::run_steps(const Plan& plan, Outcome& outcome) {
  for (const RuntimeStep& step : plan.steps) {
    if (!run_step(step, outcome)) {
      return false;
    }
  }
  return true;
}

bool Applier::run_step(const RuntimeStep& step, Outcome& outcome) {
  for (const std::string& command : step.commands()) {
    const auto answer = haproxy_.command(command);
    if (answer && says_done(step, command, *answer)) {
      continue;
    }
    if (answer && step.kind == RuntimeStep::Kind::remove) {
      outcome.unfinished = true;  // a connection is still open: later
      return true;
    }
    const std::string reason(trim(answer ? *answer : answer.error().message));
    outcome.reload_because = fmt::format("\"{}\" was refused: {}", command, reason);
    log::info("load balancer: {}; reloading instead", outcome.reload_because);
    return false;
  }
  if (step.kind == RuntimeStep::Kind::take_out) {
    haproxy_.command_old_workers(step.commands().front());
  }
  record(*running_, step);
  outcome.runtime_changes += step.kind == RuntimeStep::Kind::remove ? 0 : 1;
  return true;
}

void Applier::take_out(const std::string& task_id) {
  tasks_out_[task_id] = clock_.now().time + kTaskOutMax;
}

DrainState Applier::drain_state(const std::string& task_id) {
  // "show stat" by name finds the frontend of the same name, so the connections are counted:
  // backend/server ids address port - purge_delay used_cur ...
  constexpr std::size_t kUsed = 6;
  DrainState state;
  const auto [first, last] = servers_of_task_.equal_range(task_id);
  for (auto entry = first; entry != last; ++entry) {
    const auto& [backend, server] = entry->second;
    state.known = true;
    const std::string question = fmt::format("show servers conn {}", backend);
    std::vector<std::string> answers = haproxy_.command_old_workers(question);
    if (auto answer = haproxy_.command(question)) {
      answers.push_back(std::move(*answer));
    }
    for (const std::string& answer : answers) {
      for (const std::string_view line : split(answer, '\n')) {
        const auto words = split_nonempty(line, ' ');
        if (words.size() > kUsed && words[0] == backend + "/" + server) {
          state.sessions += parse_int(words[kUsed]).value_or(0);
        }
      }
    }
  }
  return state;
}

std::optional<Outcome> Applier::supervise() {
  if (!haproxy_.is_installed() || !running_ || haproxy_.is_alive()) {
    return std::nullopt;
  }
  log::warn("HAProxy has died: starting it again with the last good configuration");
  Outcome outcome;
  const auto started = haproxy_.start();
  outcome.error = started ? "" : started.error().message;
  outcome.starts = 1;
  running_ = running_from_file(written_);
  running_->domain_map = read_text(file("domain2backend.map"));
  running_->app_map = read_text(file("app2backend.map"));
  return outcome;
}

void Applier::stop_haproxy() {
  haproxy_.stop();
  running_.reset();
}

}  // namespace ekiden::lb
