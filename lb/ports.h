#pragma once

#include "core/base/result.h"
#include "lb/applier.h"
#include "lb/options.h"

namespace ekiden::lb {

enum class Claimed { no, by_our_haproxy };

// Fixes every port: those given, those remembered in work_dir/ports.json, else free ones; remembers
// them. Fails when a given port is in use, unless it may be our own HAProxy that uses it.
Result<Ports> choose_ports(const Options& options, Claimed claimed);

// Binds and lets go: the port (a free one for 0), or 0 when it cannot be had.
std::uint16_t try_port(const std::string& ip, std::uint16_t port);

}  // namespace ekiden::lb
