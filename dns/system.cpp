#include "dns/system.h"

#include "core/base/strings.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace ekiden::dns {
namespace {

std::optional<Address> from_sockaddr(const sockaddr* address) {
  if (address == nullptr) {
    return std::nullopt;
  }
  if (address->sa_family == AF_INET) {
    Ipv4 bytes{};
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, 4);
    return to_address(bytes);
  }
  if (address->sa_family == AF_INET6) {
    Ipv6 bytes{};
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, 16);
    return to_address(bytes);
  }
  return std::nullopt;
}

bool is_loopback(const Address& address) {
  return address.family == Address::Family::v4 ? address.bytes[0] == 127
                                               : to_text(address) == "::1";
}

void add_once(const std::optional<Address>& address, std::vector<Address>& addresses) {
  if (address && std::find(addresses.begin(), addresses.end(), *address) == addresses.end()) {
    addresses.push_back(*address);
  }
}

}  // namespace

std::vector<Address> look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) {
    return {};
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
    add_once(from_sockaddr(one->ai_addr), addresses);
  }
  return addresses;
}

std::vector<Address> machine_addresses() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) {
    return {};
  }
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, &freeifaddrs);
  std::vector<Address> addresses;
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    const auto address = from_sockaddr(one->ifa_addr);
    if (address && !is_loopback(*address)) {
      add_once(address, addresses);
    }
  }
  return addresses;
}

std::vector<std::string> name_servers(std::string_view resolv_conf) {
  std::vector<std::string> servers;
  for (std::string_view line : split(resolv_conf, '\n')) {
    line = trim(line);
    if (!line.starts_with("nameserver")) {
      continue;
    }
    const std::string server(trim(line.substr(std::strlen("nameserver"))));
    if (parse_address(server)) {
      servers.push_back(server);
    }
  }
  return servers;
}

}  // namespace ekiden::dns
