#pragma once

namespace ekiden::cli {

inline constexpr const char* kVersionText = "ekiden 0.1.0";

}  // namespace ekiden::cli
