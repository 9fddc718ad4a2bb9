#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ekiden::dns {

using Ipv4 = std::array<std::uint8_t, 4>;
using Ipv6 = std::array<std::uint8_t, 16>;

// One IPv4 or IPv6 address.
struct Address {
  enum class Family : std::uint8_t { v4, v6 };
  Family family = Family::v4;
  Ipv6 bytes{};  // v4: the first four

  Ipv4 v4() const { return {bytes[0], bytes[1], bytes[2], bytes[3]}; }

  auto operator<=>(const Address&) const = default;
};

Address to_address(const Ipv4& bytes);
Address to_address(const Ipv6& bytes);
// Nothing when the text is not an address; a v4-mapped IPv6 address becomes IPv4.
std::optional<Address> parse_address(std::string_view text);
std::string to_text(const Address& address);
std::string to_text(const Ipv4& bytes);
std::string to_text(const Ipv6& bytes);

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
  auto operator<=>(const HostPort&) const = default;
};

// "10.0.0.1:5050", "[::1]:5050", "host:5050". Nothing when there is no valid port.
std::optional<HostPort> parse_host_port(std::string_view text);
// "slave(1)@10.0.0.1:5051" -> host and port.
std::optional<HostPort> parse_pid(std::string_view pid);

}  // namespace ekiden::dns
