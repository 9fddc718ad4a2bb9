#pragma once

#include "core/base/clock.h"

#include <map>
#include <optional>
#include <string>

namespace ekiden::lb {

// IPv4 addresses of host names, asked of the system. Blocking. What was once resolved stays known
// when the name server is away.
class Resolver {
 public:
  explicit Resolver(const Clock& clock) : clock_(clock) {}

  std::optional<std::string> resolve(const std::string& host);

 private:
  struct Entry {
    std::optional<std::string> address;
    Time until{};
  };

  const Clock& clock_;
  std::map<std::string, Entry> known_;
};

}  // namespace ekiden::lb
