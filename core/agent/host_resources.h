#pragma once

#include "core/base/result.h"
#include "core/model/resources.h"

#include <string>

namespace ekiden::agent {

// The --resources with everything that it leaves out detected [mesos-core 6.2]: "cpus:4;mem:1024",
// a JSON array of resources, or file:///path of either.
Result<model::Resources> host_resources(const std::string& value,
                                        const std::string& work_dir,
                                        const std::string& default_role = "*");

}  // namespace ekiden::agent
