#include "lb/ports.h"

#include "core/json/json.h"
#include "lb/files.h"
#include "lb/hash.h"

#include <set>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ekiden::lb {

std::uint16_t try_port(const std::string& ip, std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  socklen_t size = sizeof(address);
  inet_pton(AF_INET, ip == "*" ? "0.0.0.0" : ip.c_str(), &address.sin_addr);
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
                     listen(fd, 1) == 0 &&
                     getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(fd);
  return bound ? ntohs(address.sin_port) : 0;
}

namespace {

// Below the ports that the system gives to outgoing connections, which could take ours while
// HAProxy is down, and outside Marathon's service ports and the agents' ports. The folder decides
// where the search begins, so that two load balancers on a host rarely meet.
std::uint16_t free_port(const Options& options, const std::set<std::uint16_t>& chosen) {
  constexpr std::uint64_t kFirst = 20001;
  constexpr std::uint64_t kCount = 10000;
  constexpr std::uint64_t kTries = 200;
  const std::uint64_t start = hex_mod(sha1_hex(options.work_dir), kCount);
  for (std::uint64_t i = 0; i < kTries; ++i) {
    const auto port = static_cast<std::uint16_t>(kFirst + (start + i) % kCount);
    if (!chosen.contains(port) && try_port(options.ip, port) != 0) {
      return port;
    }
  }
  return try_port(options.ip, 0);
}

}  // namespace

Result<Ports> choose_ports(const Options& options, Claimed claimed) {
  struct Choice {
    const char* name;
    std::uint16_t given;
    std::uint16_t Ports::*chosen;
    bool needed;
  };

  const bool tls = !options.certificates.empty();
  const Choice choices[] = {{"http", options.http_port, &Ports::http, true},
                            {"https", options.https_port, &Ports::https, tls},
                            {"appid", options.appid_port, &Ports::appid, true},
                            {"stats", options.stats_port, &Ports::stats, true},
                            {"admin", options.admin_port, &Ports::admin, true}};
  const std::string file = options.work_dir + "/ports.json";
  const auto document = json::parse(read_text(file));
  json::Value remembered = document ? *document : json::Value();
  Ports ports;
  std::set<std::uint16_t> chosen;
  for (const Choice& choice : choices) {
    if (!choice.needed) {
      continue;
    }
    const bool ours = claimed == Claimed::by_our_haproxy && choice.chosen != &Ports::admin;
    const auto earlier = static_cast<std::uint16_t>(remembered[choice.name].as_int());
    std::uint16_t port = choice.given != 0 ? choice.given : earlier;
    if (port == 0 || (!ours && try_port(options.ip, port) == 0)) {
      if (choice.given != 0) {
        return fail(ErrorCode::conflict,
                    fmt::format("cannot use port {} of {} for the load balancer ({}): it is in use "
                                "or needs rights; choose another port or 0",
                                port,
                                options.ip,
                                choice.name));
      }
      port = free_port(options, chosen);
    }
    ports.*choice.chosen = port;
    chosen.insert(port);
    remembered.set(choice.name, static_cast<int>(port));
  }
  if (auto written = replace_file(file, json::to_text(remembered)); !written) {
    return fail(written.error());
  }
  return ports;
}

}  // namespace ekiden::lb
