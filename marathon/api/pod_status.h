#pragma once

#include "marathon/api/render.h"

#include <string>
#include <vector>

// Pods in answers [marathon-api 3.14, 3.15]. Pure.
namespace ekiden::marathon::wire {

std::string pod_info(const View& view, const AppPtr& pod);  // the definition
std::string pod_status(const View& view, const AppPtr& pod);
std::string pod_statuses(const View& view, const std::vector<AppPtr>& pods);  // `[...]`
std::string instance_info(const Instance& instance);

}  // namespace ekiden::marathon::wire
