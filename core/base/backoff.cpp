#include "core/base/backoff.h"

#include <cmath>

namespace ekiden {

Duration Backoff::delay(unsigned failures) const {
  if (failures == 0) {
    return Duration{};
  }
  const double nanos =
      static_cast<double>(first.count()) * std::pow(factor, static_cast<double>(failures - 1));
  return nanos >= static_cast<double>(max.count()) ? max
                                                   : Duration(static_cast<Duration::rep>(nanos));
}

}  // namespace ekiden
