#pragma once

#include "core/base/result.h"
#include "core/model/resources.h"

#include <string>

namespace ekiden::agent {

// The --resources text with everything that it leaves out detected [mesos-core 6.2].
Result<model::Resources> host_resources(const std::string& text, const std::string& work_dir);

}  // namespace ekiden::agent
