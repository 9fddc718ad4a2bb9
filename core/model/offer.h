#pragma once

#include "core/model/attributes.h"
#include "core/model/resources.h"
#include "core/model/task.h"

#include <optional>
#include <string>
#include <vector>

namespace ekiden::model {

struct Unavailability {
  TimeInfo start;
  std::optional<DurationInfo> duration;
  bool operator==(const Unavailability&) const = default;
};

struct Offer {
  OfferId id;
  FrameworkId framework_id;
  AgentId agent_id;
  std::string hostname;
  std::optional<std::string> agent_url_address_ip;  // wire: url.address.ip
  std::int32_t agent_url_address_port = 0;          // wire: url.address.port
  std::vector<Resource> resources;
  std::vector<Attribute> attributes;
  std::vector<ExecutorId> executor_ids;
  std::string allocation_role;  // wire: allocation_info.role
  std::optional<DomainInfo> domain;
  std::optional<Unavailability> unavailability;
  bool operator==(const Offer&) const = default;
};

// Please leave this agent; of an agent whose machine has a maintenance window [mesos-core 2.14].
struct InverseOffer {
  OfferId id;
  std::optional<std::string> agent_url_address_ip;  // wire: url.address.ip
  std::string agent_url_hostname;                   // wire: url.address.hostname
  std::int32_t agent_url_address_port = 0;          // wire: url.address.port
  FrameworkId framework_id;
  std::optional<AgentId> agent_id;
  Unavailability unavailability;
  std::vector<Resource> resources;
  bool operator==(const InverseOffer&) const = default;
};

struct Filters {
  double refuse_seconds = 5.0;
  bool operator==(const Filters&) const = default;
};

// One operation of an ACCEPT; `type` says which members count.
struct Operation {
  enum class Type {
    unknown,
    launch,
    launch_group,
    reserve,
    unreserve,
    create,
    destroy,
    grow_volume,
    shrink_volume,
    create_disk,
    destroy_disk,
  };
  Type type = Type::unknown;
  std::optional<OperationId> id;
  std::vector<TaskInfo> launch_task_infos;            // wire: launch.task_infos
  std::optional<ExecutorInfo> launch_group_executor;  // wire: launch_group.executor
  std::vector<TaskInfo> launch_group_tasks;           // wire: launch_group.task_group.tasks
  std::vector<Resource> reserve_source;               // wire: reserve.source
  std::vector<Resource> resources;   // wire: (un)reserve.resources, create/destroy.volumes
  std::optional<Resource> volume;    // wire: (grow|shrink)_volume.volume, *_disk.source
  std::optional<Resource> addition;  // wire: grow_volume.addition
  std::optional<Scalar> subtract;    // wire: shrink_volume.subtract
  DiskSource::Type target_type = DiskSource::Type::unknown;  // wire: create_disk.target_type
  std::optional<std::string> target_profile;                 // wire: create_disk.target_profile
  bool operator==(const Operation&) const = default;
};

}  // namespace ekiden::model
