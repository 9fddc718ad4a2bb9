#include "lb/resolver.h"

#include "lb/apps.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

namespace ekiden::lb {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kNamesMax = 10'000;
constexpr Duration kFresh = 60s;
constexpr Duration kRetry = 10s;

std::optional<std::string> ask_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) {
    return std::nullopt;
  }
  char text[INET_ADDRSTRLEN] = {};
  const auto* address = reinterpret_cast<const sockaddr_in*>(found->ai_addr);
  inet_ntop(AF_INET, &address->sin_addr, text, sizeof(text));
  freeaddrinfo(found);
  return std::string(text);
}

}  // namespace

std::optional<std::string> Resolver::resolve(const std::string& host) {
  if (is_ip_address(host)) {
    return host;
  }
  const Time now = clock_.now().time;
  const auto known = known_.find(host);
  if (known != known_.end() && known->second.until > now) {
    return known->second.address;
  }
  auto address = ask_system(host);
  if (!address && known != known_.end()) {
    address = known->second.address;
  }
  if (known_.size() >= kNamesMax) {
    known_.clear();
  }
  known_[host] = {address, now + (address ? kFresh : kRetry)};
  return address;
}

}  // namespace ekiden::lb
