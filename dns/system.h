#pragma once

#include "dns/address.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What the operating system knows: addresses and resolvers. Blocking.
namespace ekiden::dns {

// Every address of a host name; none when it cannot be found.
std::vector<Address> look_up(const std::string& host);
// Addresses of this machine's interfaces, loopback left out.
std::vector<Address> machine_addresses();
// The "nameserver" lines of a resolv.conf.
std::vector<std::string> name_servers(std::string_view resolv_conf);

}  // namespace ekiden::dns
