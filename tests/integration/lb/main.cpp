#include "core/base/clock.h"
#include "lb/daemon.h"

#include <string>

#include <gtest/gtest.h>

// With arguments this program is the daemon of a test that kills it: PROGRAM WORK_DIR MARATHON_URL.
int main(int argc, char** argv) {
  if (argc == 3 && argv[1][0] == '/') {
    ekiden::net::Loop loop;
    ekiden::SystemClock clock;
    ekiden::lb::Options options;
    options.work_dir = argv[1];
    options.marathon_url = argv[2];
    options.connections_max = 2000;  // as in World
    options.http_port = options.https_port = options.appid_port = options.stats_port = 0;
    const auto daemon = ekiden::lb::Daemon::start(loop, clock, options, [](ekiden::Error) {});
    if (!daemon) {
      return 1;
    }
    loop.run();
    return 0;
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
