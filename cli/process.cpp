#include "cli/process.h"

#include "cli/readiness.h"
#include "cli/state_files.h"
#include "core/base/log.h"
#include "core/json/json.h"
#include "core/net/client.h"

#include <cstdio>

#include <fmt/core.h>
#include <unistd.h>

namespace ekiden::cli {
namespace {

int say_failure(const ProcessOptions& options, const Error& error) {
  std::fprintf(stderr, "ekiden %s: %s\n", options.name.c_str(), error.message.c_str());
  return 1;
}

std::string ready_json(const ProcessOptions& options, const std::string& url) {
  json::Object object;
  object.emplace_back("pid", static_cast<std::int64_t>(::getpid()));
  object.emplace_back(options.name, url);
  return json::to_text(object) + "\n";
}

}  // namespace

int run_process(const ProcessOptions& options, const StartDaemon& start) {
  log::set_level(options.verbose ? log::Level::debug : log::Level::info);
  net::Loop loop;
  int exit_code = 0;
  const auto give_up = [&](const Error& error) {
    exit_code = say_failure(options, error);
    loop.stop();
  };
  auto started = start(loop, give_up);
  if (!started) {
    return say_failure(options, started.error());
  }
  for (const auto& limitation : started->limitations) {
    log::warn("not available here: {}", limitation);
  }
  net::Client client(loop);
  Readiness readiness(loop, client, {started->url + started->ready_path}, [&] {
    std::printf("ekiden %s is at %s\n", options.name.c_str(), started->url.c_str());
    std::fflush(stdout);
    if (options.ready_file.empty()) {
      return;
    }
    if (auto written = write_ready_file(options.ready_file, ready_json(options, started->url));
        !written) {
      give_up(written.error());
    }
  });
  readiness.start();
  loop.on_signals([&](int) { loop.stop(); });
  loop.run();
  started->owner.reset();
  return exit_code;
}

}  // namespace ekiden::cli
