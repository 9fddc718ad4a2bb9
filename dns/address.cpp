#include "dns/address.h"

#include "core/base/strings.h"

#include <algorithm>

#include <arpa/inet.h>

namespace ekiden::dns {
namespace {

constexpr Ipv6 kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t kMappedLength = 12;

}  // namespace

Address to_address(const Ipv4& bytes) {
  Address address;
  std::copy(bytes.begin(), bytes.end(), address.bytes.begin());
  return address;
}

Address to_address(const Ipv6& bytes) {
  return Address{Address::Family::v6, bytes};
}

std::optional<Address> parse_address(std::string_view text) {
  const std::string terminated(text);
  Ipv4 v4{};
  if (inet_pton(AF_INET, terminated.c_str(), v4.data()) == 1) {
    return to_address(v4);
  }
  Ipv6 v6{};
  if (inet_pton(AF_INET6, terminated.c_str(), v6.data()) != 1) {
    return std::nullopt;
  }
  if (std::equal(v6.begin(), v6.begin() + kMappedLength, kMappedPrefix.begin())) {
    return to_address(Ipv4{v6[12], v6[13], v6[14], v6[15]});
  }
  return to_address(v6);
}

std::string to_text(const Ipv4& bytes) {
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, bytes.data(), text.data(), text.size());
  return text.data();
}

std::string to_text(const Ipv6& bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

std::string to_text(const Address& address) {
  return address.family == Address::Family::v4 ? to_text(address.v4()) : to_text(address.bytes);
}

std::optional<HostPort> parse_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return std::nullopt;
  }
  std::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const auto port = parse_int(text.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) {
    return std::nullopt;
  }
  return HostPort{std::string(host), static_cast<std::uint16_t>(*port)};
}

std::optional<HostPort> parse_pid(std::string_view pid) {
  const std::size_t at = pid.rfind('@');
  return at == std::string_view::npos ? std::nullopt : parse_host_port(pid.substr(at + 1));
}

}  // namespace ekiden::dns
