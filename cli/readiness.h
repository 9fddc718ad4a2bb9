#pragma once

#include "core/net/client.h"
#include "core/net/loop.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ekiden::cli {

// Asks every URL again and again until each has answered with a status below 500, then calls back
// once. Loop thread only.
class Readiness {
 public:
  Readiness(net::Loop& loop,
            net::Client& client,
            std::vector<std::string> urls,
            std::function<void()> ready);
  void start();

 private:
  void ask();

  net::Client& client_;
  std::vector<std::string> waiting_;
  std::function<void()> ready_;
  net::Timer again_;
};

}  // namespace ekiden::cli
