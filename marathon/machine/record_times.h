#pragma once

#include "core/base/time.h"
#include "core/json/json.h"

// How records write a time: whole milliseconds since the epoch.
namespace ekiden::marathon::records {

inline json::Value millis(WallTime time) {
  return to_epoch_millis(time);
}

inline WallTime time_of(const json::Value& value) {
  return WallTime(std::chrono::milliseconds(value.as_int()));
}

}  // namespace ekiden::marathon::records
