#pragma once

#include "core/base/result.h"
#include "dns/options.h"

#include <string_view>

namespace ekiden::dns {

// Mesos-DNS's configuration file [discovery 3.2]: key matching ignores case, unknown keys are
// ignored, all problems are told at once. New keys: workDir, healthOn, udpSizeMax, the IP source
// "auto".
Result<Options> parse_config(std::string_view text);

}  // namespace ekiden::dns
