#include "core/executor/probes.h"

#include <csignal>

#include <fmt/core.h>
#include <sys/wait.h>

namespace ekiden::executor {
namespace {

constexpr int kHealthyMin = 200;
constexpr int kHealthyMax = 399;
constexpr int kCurlTimeout = 28;
constexpr int kRedirectsMax = 10;

CheckOutcome failed(std::string text) {
  return {CheckOutcome::Result::failed, {}, std::move(text)};
}

CheckOutcome http_outcome(int status, const std::string& url) {
  CheckOutcome outcome;
  const bool healthy = status >= kHealthyMin && status <= kHealthyMax;
  outcome.result = healthy ? CheckOutcome::Result::passed : CheckOutcome::Result::failed;
  outcome.status.status_code = static_cast<std::uint32_t>(status);
  outcome.text = healthy ? "" : fmt::format("{} answered {}", url, status);
  return outcome;
}

}  // namespace

Probes::Probes(net::Loop& loop, Processes& processes, Done done)
    : loop_(loop), processes_(processes), done_(std::move(done)) {}

void Probes::run(const Probe& probe) {
  if (running_.contains(probe.kind)) {
    return;
  }
  running_[probe.kind];
  switch (probe.type) {
    case Probe::Type::tcp:
      run_tcp(probe);
      return;
    case Probe::Type::http:
      if (probe.scheme == "https") {
        run_curl(probe, url(probe));
      } else {
        run_http(probe, probe.path, 0);
      }
      return;
    case Probe::Type::command: {
      Result<ProcessSpec> spec = process_spec(*probe.command);
      if (!spec) {
        finish(probe.kind, failed(spec.error().message));
        return;
      }
      spec->environment = merged_environment(target_.environment, probe.command->environment);
      spec->user = target_.user;
      place(*spec);
      run_command(probe, *spec);
      return;
    }
  }
}

std::string Probes::origin(const Probe& probe) const {
  const std::string host = probe.ipv6 ? "[" + target_.ip6 + "]" : target_.ip4;
  return fmt::format("{}://{}:{}", probe.scheme, host, probe.port);
}

std::string Probes::url(const Probe& probe) const {
  return origin(probe) + probe.path;
}

// What a command prints goes where the task's own output goes.
void Probes::place(ProcessSpec& spec) const {
  if (!target_.folder.empty()) {
    spec.folder = target_.folder;
    spec.output = target_.folder + "/stdout";
    spec.error = target_.folder + "/stderr";
  }
}

// Redirects within the host and port are followed here; curl goes where others lead [3.8].
void Probes::run_http(const Probe& probe, std::string target, int redirects) {
  const Endpoint endpoint{
      "", probe.ipv6 ? target_.ip6 : target_.ip4, static_cast<std::uint16_t>(probe.port)};
  HttpExchange exchange;
  exchange.target = target;
  exchange.timeout = probe.timeout;
  exchange.on_chunk = [](std::string_view) {};
  Running& running = running_[probe.kind];
  const auto before = std::shared_ptr<HttpConnection>(std::move(running.http));
  loop_.post([before] {});  // we may be inside its callback
  running.http = std::make_unique<HttpConnection>(loop_, endpoint);
  running.http->send(std::move(exchange), [this, probe, redirects](Result<HttpAnswer> answer) {
    if (!answer) {
      finish(probe.kind, failed(fmt::format("{}: {}", url(probe), answer.error().message)));
    } else if (answer->status / 100 == 3 && !answer->location.empty()) {
      redirected(probe, answer->location, redirects + 1);
    } else {
      finish(probe.kind, http_outcome(answer->status, url(probe)));
    }
  });
}

void Probes::redirected(const Probe& probe, const std::string& location, int redirects) {
  if (redirects > kRedirectsMax) {
    finish(probe.kind, failed(url(probe) + ": too many redirects"));
    return;
  }
  const std::string here = origin(probe);
  if (location.starts_with("/") && !location.starts_with("//")) {
    run_http(probe, location, redirects);
  } else if (location.starts_with(here + "/")) {
    run_http(probe, location.substr(here.size()), redirects);
  } else {
    run_curl(probe, location.find("://") == std::string::npos ? here + "/" + location : location);
  }
}

void Probes::run_tcp(const Probe& probe) {
  const Endpoint endpoint{
      "", probe.ipv6 ? target_.ip6 : target_.ip4, static_cast<std::uint16_t>(probe.port)};
  running_[probe.kind].tcp = std::make_unique<TcpProbe>(
      loop_, endpoint, probe.timeout, [this, kind = probe.kind, endpoint](Result<void> connected) {
        CheckOutcome outcome;
        outcome.result = connected ? CheckOutcome::Result::passed : CheckOutcome::Result::failed;
        outcome.status.succeeded = connected.has_value();
        if (!connected) {
          outcome.text = fmt::format(
              "cannot connect to {}:{}: {}", endpoint.ip, endpoint.port, connected.error().message);
        }
        finish(kind, std::move(outcome));
      });
}

void Probes::run_command(const Probe& probe, const ProcessSpec& spec) {
  const CheckKind kind = probe.kind;
  const bool curl = probe.type == Probe::Type::http;
  const Result<int> pid =
      processes_.start(spec, [this, kind, curl, shown = curl ? url(probe) : ""](int status) {
        const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        CheckOutcome outcome;
        outcome.result = code == 0 ? CheckOutcome::Result::passed : CheckOutcome::Result::failed;
        if (!curl) {
          outcome.status.exit_code = code;
          outcome.text = code == 0 ? "" : fmt::format("health check command exited with {}", code);
        } else if (code != 0) {
          outcome.text = fmt::format(
              "{}: curl exited with {}{}", shown, code, code == kCurlTimeout ? " (timed out)" : "");
        }
        finish(kind, std::move(outcome));
      });
  if (!pid) {
    finish(kind, failed(pid.error().message));
    return;
  }
  Running& running = running_[kind];
  running.pid = *pid;
  if (probe.timeout > Duration::zero()) {
    running.timer = std::make_unique<net::Timer>(loop_, [this, kind, process = *pid] {
      processes_.forget(process);
      Processes::signal_group(process, SIGKILL);
      finish(kind, failed("health check command timed out"));
    });
    running.timer->set_after(probe.timeout);
  }
}

// curl's exit status carries the verdict: --fail makes 400 and above an error, redirects are
// followed. Redirected to nowhere, its address may be anything but an option.
void Probes::run_curl(const Probe& probe, const std::string& url) {
  ProcessSpec spec;
  spec.program = "curl";
  spec.argv = {"curl",
               "-s",
               "-S",
               "-L",
               "-k",
               "-g",
               "--fail",
               "-o",
               "/dev/null",
               "--proto",
               "=http,https",
               "--",
               url};
  spec.environment = own_environment();
  place(spec);
  run_command(probe, spec);
}

void Probes::finish(CheckKind kind, CheckOutcome outcome) {
  const auto found = running_.find(kind);
  if (found == running_.end()) {
    return;
  }
  // We may be inside a callback of what it owns.
  const auto kept = std::make_shared<Running>(std::move(found->second));
  running_.erase(found);
  loop_.post([kept] {});
  done_(kind, std::move(outcome));
}

void Probes::stop_all() {
  for (auto& [kind, running] : running_) {
    if (running.pid != 0) {
      processes_.forget(running.pid);
      Processes::signal_group(running.pid, SIGKILL);
    }
  }
  running_.clear();
}

}  // namespace ekiden::executor
