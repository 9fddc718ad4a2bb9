#include "core/base/log.h"
#include "core/base/strings.h"
#include "lb/alerts.h"
#include "lb/applier.h"
#include "lb/deployment_groups.h"
#include "lb/files.h"
#include "lb/ports.h"

#include <filesystem>

#include <fmt/core.h>

namespace ekiden::lb {

// Validate, write, reload. An app that makes HAProxy refuse the configuration is found by the line
// numbers and names in its complaints, or, when they tell nothing, by halving the set of apps; it
// is left out until its definition changes.

namespace {

using namespace std::chrono_literals;

constexpr int kRoundsMax = 8;         // of leaving out what the complaints name
constexpr int kValidationsMax = 64;   // of the search by halves
constexpr Duration kPortRetry = 60s;  // a port in use may become free
constexpr std::size_t kReasonMax = 500;

}  // namespace

bool Applier::leave_out(const std::vector<Rejected>& bad, Time until) {
  bool any = false;
  for (const Rejected& app : bad) {
    if (!left_out_.contains(app.app_id)) {
      any = true;
      log::error("load balancer: {} is left out: {}", app.app_id, app.reason);
      left_out_[app.app_id] = {definition_of(apps_, app.app_id), app.reason, until};
    }
  }
  return any;
}

Result<void> Applier::check(const Rendered& rendered, Outcome& outcome) {
  ++outcome.validations;
  const std::string beside = file("haproxy.cfg.check");
  if (auto written = replace_file(beside, rendered.text); !written) {
    return written;
  }
  best_effort_write(file("domain2backend.map"), rendered.domain_map);
  best_effort_write(file("app2backend.map"), rendered.app_map);
  return haproxy_.check(beside);
}

// A worker that cannot bind makes the old one pause its listeners for a moment: look before. Ports
// that HAProxy itself holds are fine. After a takeover it is not known which these are.
std::vector<Rejected> Applier::ports_in_use(const Rendered& rendered) const {
  std::vector<Rejected> bad;
  if (running_ && bound_.empty()) {
    return bad;
  }
  for (const auto& [backend, bind] : rendered.bind_of_backend) {
    const auto& [ip, port] = bind;
    if (!bound_.contains(bind) && (ip == "*" || is_ip_address(ip)) &&
        try_port(ip, static_cast<std::uint16_t>(port)) == 0) {
      bad.push_back({rendered.app_of_backend.at(backend),
                     fmt::format("service port {} of {} is in use by another program", port, ip)});
    }
  }
  return bad;
}

// Halves the apps: a set that is fine as a whole has no culprit; one app that is not is one.
std::vector<Rejected> Applier::search_culprits(Outcome& outcome) {
  const auto saved = left_out_;
  std::vector<std::string> all;
  for (const AppView& view : merge_deployment_groups(apps_)) {
    if (!saved.contains(view.id)) {
      all.push_back(view.id);
    }
  }
  std::vector<Rejected> bad;
  std::vector<std::pair<std::size_t, std::size_t>> ranges = {{0, all.size()}};
  const int limit = outcome.validations + kValidationsMax;
  while (!ranges.empty() && outcome.validations < limit) {
    const auto [from, to] = ranges.back();
    ranges.pop_back();
    left_out_ = saved;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i < from || i >= to) {
        left_out_[all[i]] = {};
      }
    }
    const auto checked = check(render_now(), outcome);
    if (checked) {
      continue;
    }
    if (to - from <= 1) {
      if (to > from) {
        bad.push_back({all[from], checked.error().message.substr(0, kReasonMax)});
      }
      continue;
    }
    const std::size_t middle = from + (to - from) / 2;
    ranges.emplace_back(from, middle);
    ranges.emplace_back(middle, to);
  }
  left_out_ = saved;
  return bad;
}

Result<Rendered> Applier::validated(Rendered rendered, Outcome& outcome) {
  bool searched = false;
  if (leave_out(ports_in_use(rendered), clock_.now().time + kPortRetry)) {
    outcome.unfinished = true;
    rendered = render_now();
  }
  for (int round = 0; round < kRoundsMax; ++round) {
    const auto checked = check(rendered, outcome);
    if (checked) {
      return rendered;
    }
    std::vector<Rejected> bad = culprits(rendered, checked.error().message);
    if (bad.empty() && !searched && checked.error().code == ErrorCode::invalid) {
      searched = true;
      bad = search_culprits(outcome);
    }
    if (!leave_out(bad, kNever)) {
      return fail(ErrorCode::invalid,
                  fmt::format("HAProxy refuses the configuration and no app is to blame: {}",
                              checked.error().message.substr(0, kReasonMax)));
    }
    rendered = render_now();
  }
  return fail(ErrorCode::invalid, "HAProxy still refuses the configuration without the bad apps");
}

// Health as it was goes over to the new worker; administrative states are ours to set.
void Applier::save_server_state() {
  constexpr std::size_t kAdminState = 6;
  const auto state = haproxy_.command("show servers state");
  if (!state) {
    return;
  }
  std::string kept;
  for (const std::string_view line : split(*state, '\n')) {
    const auto words = split_nonempty(line, ' ');
    if (words.size() <= kAdminState || words[0] == "#" || words[kAdminState] == "0") {
      kept.append(line).append("\n");
    }
  }
  best_effort_write(file("global"), kept);
}

Result<void> Applier::load(const Rendered& rendered, Outcome& outcome) {
  best_effort_write(file("reload.pending"), "");
  if (auto written = replace_file(haproxy_.config_file(), rendered.text); !written) {
    return written;
  }
  written_ = rendered.text;
  const bool alive = haproxy_.is_alive();
  if (alive) {
    save_server_state();
  }
  (alive ? outcome.reloads : outcome.starts) += 1;
  auto done = haproxy_.reload();
  if (done) {
    std::filesystem::remove(file("reload.pending"));
    running_ = running_after(rendered);
    bound_.clear();
    for (const auto& [backend, bind] : rendered.bind_of_backend) {
      bound_.insert(bind);
    }
  }
  return done;
}

void Applier::reload(Rendered rendered, Outcome& outcome) {
  auto good = validated(std::move(rendered), outcome);
  for (int round = 0; good && round < kRoundsMax; ++round) {
    const auto loaded = load(*good, outcome);
    if (loaded) {
      outcome.rejected = good->rejected;
      return;
    }
    if (running_) {
      running_->skeleton.clear();  // what it runs now is not what the file says
    }
    const auto bad = culprits(*good, loaded.error().message);
    if (!leave_out(bad, clock_.now().time + kPortRetry)) {
      outcome.error = fmt::format("HAProxy cannot load its configuration: {}",
                                  loaded.error().message.substr(0, kReasonMax));
      return;
    }
    outcome.unfinished = true;
    good = validated(render_now(), outcome);
  }
  if (!good) {
    outcome.error = good.error().message;
  }
}

}  // namespace ekiden::lb
