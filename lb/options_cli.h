#pragma once

#include "core/base/flag.h"
#include "lb/options.h"

namespace ekiden::lb {

// marathon-lb's names where it has them [discovery 1.3]; the options outlive the list.
Flags flags(Options& options);

}  // namespace ekiden::lb
