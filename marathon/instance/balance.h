#pragma once

#include "marathon/model/instance.h"

#include <vector>

namespace ekiden::marathon::instance {

// Of `candidates` (who should go first, first) up to `count` whose going keeps every GROUP_BY of
// the app balanced: one at a time, from the largest groups, as long as the imbalance stays at most
// 1 or becomes smaller than it was [2.5.1]. May give fewer; the caller takes the rest by rank.
std::vector<InstancePtr> balanced_victims(const App& app,
                                          std::vector<InstancePtr> candidates,
                                          std::size_t count);

bool has_group_by(const App& app);

}  // namespace ekiden::marathon::instance
