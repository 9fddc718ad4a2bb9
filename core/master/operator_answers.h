#pragma once

#include "core/api/master_operator.h"
#include "core/base/result.h"
#include "core/master/operator_commands.h"
#include "core/master/snapshot.h"

#include <optional>
#include <string_view>
#include <vector>

// Between what the machine knows and what the v1 operator API says [mesos-core 4.1, 4.2]. Any
// thread.
namespace ekiden::master {

// Answers that a snapshot gives. Nothing: the call is no read of the state.
std::optional<api::master_operator::Response> answer_from(const api::master_operator::Call& call,
                                                          const Snapshot& snapshot);

api::master_operator::Event subscribed_event(const Snapshot& snapshot, Duration heartbeat);
// Nothing: the notice is no operator event.
std::optional<api::master_operator::Event> operator_event(const Notice& notice);

// What the call orders. Nothing: it orders nothing. Errors are for a 400.
std::optional<Result<OperatorCommand>> command_from(const api::master_operator::Call& call);

// The parts that older endpoints have as well.
api::master_operator::ClusterStatus maintenance_status(const Snapshot& snapshot);
api::master_operator::QuotaStatus quota_status(const Snapshot& snapshot);

// Of every agent of ours: "MULTI_ROLE", ...
std::vector<std::string_view> agent_capability_names();

}  // namespace ekiden::master
