#pragma once

#include "core/base/result.h"
#include "core/master/snapshot.h"

#include <string>
#include <string_view>

// The v1 operator API [mesos-core 4.1, 4.2]; any thread.
namespace ekiden::master {

enum class OperatorCall {
  get_health,
  get_version,
  get_state,
  get_agents,
  get_frameworks,
  get_tasks,
  get_executors,
  get_master,
  subscribe,
};

// From the body of POST /api/v1.
Result<OperatorCall> parse_operator_call(std::string_view body);
// The whole answer: {"type":"GET_TASKS","get_tasks":{...}}.
std::string operator_answer(OperatorCall call, const Snapshot& snapshot);

// Records of the event stream, not framed.
std::string subscribed_event(const Snapshot& snapshot, Duration heartbeat);
std::string heartbeat_event();
// Empty: a notice that is no operator event.
std::string operator_event(const Notice& notice);

}  // namespace ekiden::master
