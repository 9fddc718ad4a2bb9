#include "cli/process.h"

#include "cli/readiness.h"
#include "core/base/log.h"
#include "core/json/json.h"
#include "core/net/client.h"

#include <cstdio>
#include <fstream>

#include <fmt/core.h>
#include <unistd.h>

namespace ekiden::cli {
namespace {

namespace fs = std::filesystem;

int say_failure(const ProcessOptions& options, const Error& error) {
  std::fprintf(stderr, "ekiden %s: %s\n", options.name.c_str(), error.message.c_str());
  return 1;
}

// Whole or not at all: a reader never sees half of it.
Result<void> write_ready_file(const ProcessOptions& options, const std::string& url) {
  json::Object object;
  object.emplace_back("pid", static_cast<std::int64_t>(::getpid()));
  object.emplace_back(options.name, url);
  const auto beside = options.ready_file.string() + ".new";
  std::ofstream file(beside, std::ios::trunc);
  file << json::to_text(object) << "\n";
  file.close();
  std::error_code error;
  if (file) {
    fs::rename(beside, options.ready_file, error);
  }
  if (!file || error) {
    return fail(ErrorCode::unavailable,
                fmt::format("cannot write the ready file {}: check that its folder exists and is "
                            "writable",
                            options.ready_file.string()));
  }
  return {};
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
    if (auto written = write_ready_file(options, started->url); !written) {
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
