#include "lb/running.h"

#include "core/base/strings.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

namespace ekiden::lb {

namespace {

using Kind = RuntimeStep::Kind;
using State = RunningServer::State;

// "  server NAME ADDRESS options" as its words; empty when it is anything else.
std::vector<std::string_view> server_words(std::string_view text) {
  if (std::count(text.begin(), text.end(), '\n') > 1) {
    return {};
  }
  auto words = split_nonempty(trim(text), ' ');
  return words.size() >= 3 && words[0] == "server" ? words : std::vector<std::string_view>{};
}

bool is_dynamic(std::string_view text) {
  const auto words = server_words(text);
  const auto cookie = std::find(words.begin(), words.end(), std::string_view("cookie"));
  return !words.empty() && cookie == words.end();
}

State wanted_state(const ServerLine& line) {
  return line.draining == Draining::yes ? State::out : State::ready;
}

void plan_entering(Plan& result,
                   const std::string& backend,
                   const ServerLine& line,
                   const std::map<std::string, RunningServer>* have) {
  const bool none = have == nullptr;
  const auto found =
      none ? std::map<std::string, RunningServer>::const_iterator() : have->find(line.name);
  if (none || found == have->end()) {
    if (!is_dynamic(line.text)) {
      result.reload_because =
          fmt::format("server {}/{} cannot be added at run time", backend, line.name);
      return;
    }
    result.steps.push_back({Kind::add, backend, line.name, line.text});
    if (wanted_state(line) == State::ready) {
      result.steps.push_back({Kind::ready, backend, line.name, ""});
    }
    return;
  }
  const RunningServer& server = found->second;
  if (!server.text.empty() && server.text != line.text) {
    result.reload_because = fmt::format("server {}/{} has other options", backend, line.name);
  } else if (server.state != wanted_state(line)) {
    const bool ready = wanted_state(line) == State::ready;
    result.steps.push_back({ready ? Kind::ready : Kind::take_out, backend, line.name, ""});
  }
}

void plan_leaving(Plan& result,
                  const std::string& backend,
                  const Rendered& wanted,
                  const std::map<std::string, RunningServer>& have) {
  std::set<std::string_view> keep;
  const auto found = wanted.servers.find(backend);
  if (found != wanted.servers.end()) {
    for (const ServerLine& line : found->second) {
      keep.insert(line.name);
    }
  }
  for (const auto& [name, server] : have) {
    if (keep.contains(name)) {
      continue;
    }
    if (server.state == State::ready) {
      result.steps.push_back({Kind::take_out, backend, name, ""});
    }
    result.steps.push_back({Kind::remove, backend, name, ""});
  }
}

}  // namespace

std::vector<std::string> RuntimeStep::commands() const {
  const std::string name = fmt::format("{}/{}", backend, server);
  switch (kind) {
    case Kind::add: {
      const auto words = server_words(text);
      std::string command = fmt::format("add server {} {}", name, words[2]);
      bool checked = false;
      for (std::size_t i = 3; i < words.size(); ++i) {
        command.append(" ").append(words[i]);
        checked = checked || words[i] == "check";
      }
      return checked ? std::vector<std::string>{command, "enable health " + name}
                     : std::vector<std::string>{command};
    }
    case Kind::ready:
      return {"set server " + name + " state ready"};
    case Kind::take_out:
      return {"set server " + name + " state maint"};
    case Kind::remove:
      return {"del server " + name};
  }
  return {};
}

Plan plan(const Running& running, const Rendered& wanted) {
  Plan result;
  if (running.skeleton != wanted.skeleton) {
    result.reload_because = "frontends, rules or backend options changed";
    return result;
  }
  if (running.domain_map != wanted.domain_map || running.app_map != wanted.app_map) {
    result.reload_because = "a map changed";
    return result;
  }
  for (const auto& [backend, lines] : wanted.servers) {
    const auto have = running.servers.find(backend);
    for (const ServerLine& line : lines) {
      plan_entering(result, backend, line, have == running.servers.end() ? nullptr : &have->second);
    }
  }
  for (const auto& [backend, have] : running.servers) {
    plan_leaving(result, backend, wanted, have);
  }
  if (!result.reload_because.empty()) {
    result.steps.clear();
  }
  return result;
}

Running running_after(const Rendered& loaded) {
  Running running{loaded.skeleton, loaded.domain_map, loaded.app_map, {}};
  for (const auto& [backend, lines] : loaded.servers) {
    auto& servers = running.servers[backend];
    for (const ServerLine& line : lines) {
      servers[line.name] = {line.text, wanted_state(line)};
    }
  }
  return running;
}

Running running_from_file(std::string_view file) {
  Running running;
  std::string backend;
  std::size_t at = 0;
  while (at < file.size()) {
    const std::size_t end = std::min(file.find('\n', at), file.size() - 1) + 1;
    const std::string_view line = file.substr(at, end - at);
    at = end;
    const auto words = split_nonempty(trim(line), ' ');
    const bool opens = !words.empty() && !line.starts_with(' ');
    if (opens) {
      const bool ours = words[0] == "backend" && words.size() > 1 && words[1] != kAdminBackend;
      backend = ours ? std::string(words[1]) : std::string();
      if (ours) {
        running.servers[backend];
      }
    }
    if (backend.empty() || opens || words.size() < 3 || words[0] != "server") {
      running.skeleton += line;
      continue;
    }
    const bool out = words.back() == "disabled";
    std::string text(line);
    if (out) {
      text = std::string(line.substr(0, line.rfind(" disabled"))) + "\n";
    }
    running.servers[backend][std::string(words[1])] = {text, out ? State::out : State::ready};
  }
  return running;
}

void record(Running& running, const RuntimeStep& step) {
  auto& servers = running.servers[step.backend];
  switch (step.kind) {
    case Kind::add:
      servers[step.server] = {step.text, State::out};
      break;
    case Kind::ready:
      servers[step.server].state = State::ready;
      break;
    case Kind::take_out:
      servers[step.server].state = State::out;
      break;
    case Kind::remove:
      servers.erase(step.server);
      break;
  }
}

void correct(Running& running, std::string_view servers_state) {
  // be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state ...
  constexpr std::size_t kBackend = 1;
  constexpr std::size_t kServer = 3;
  constexpr std::size_t kAdminState = 6;
  std::map<std::string, std::map<std::string, RunningServer>> seen;
  for (const std::string_view line : split(servers_state, '\n')) {
    const auto words = split_nonempty(line, ' ');
    if (words.size() <= kAdminState || words[0] == "#" || words[kBackend] == kAdminBackend) {
      continue;
    }
    const std::string backend(words[kBackend]);
    const std::string name(words[kServer]);
    const auto known_backend = running.servers.find(backend);
    if (known_backend == running.servers.end()) {
      continue;
    }
    const auto known = known_backend->second.find(name);
    seen[backend][name] = {known == known_backend->second.end() ? "" : known->second.text,
                           words[kAdminState] == "0" ? State::ready : State::out};
  }
  for (auto& [backend, servers] : running.servers) {
    servers = std::move(seen[backend]);
  }
}

}  // namespace ekiden::lb
