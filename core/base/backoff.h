#pragma once

#include "core/base/time.h"

namespace ekiden {

// Pure exponential backoff: delay after the n-th failure in a row (n from 1), never above max.
struct Backoff {
  Duration first{};
  double factor = 2.0;
  Duration max{};

  Duration delay(unsigned failures) const;
};

}  // namespace ekiden
