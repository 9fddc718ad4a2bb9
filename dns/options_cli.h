#pragma once

#include "core/base/flag.h"
#include "dns/options.h"

namespace ekiden::dns {

// What the command line may say beside the configuration file; the options outlive the list.
Flags flags(Options& options);

}  // namespace ekiden::dns
