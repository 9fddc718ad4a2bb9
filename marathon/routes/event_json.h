#pragma once

#include "marathon/notices.h"

#include <string>
#include <vector>

namespace ekiden::marathon::routes {

struct StreamEvent {
  std::string type;  // SSE event name, and "eventType" of the data
  std::string data;  // compact JSON
};

// The events of marathon-api.md 5.3 that a notice stands for; none for those that are only logged.
std::vector<StreamEvent> to_events(const Notice& notice);
StreamEvent api_post_event(const App& app,
                           std::string_view client_ip,
                           std::string_view uri,
                           WallTime now);
// "pod_created_event", "pod_updated_event", "pod_deleted_event"
StreamEvent pod_event(std::string_view type,
                      std::string_view client_ip,
                      std::string_view uri,
                      WallTime now);
StreamEvent stream_event(std::string_view type, std::string_view remote_address, WallTime now);

// One line for people, made from the same notice; empty: not worth a line.
std::string to_log_line(const Notice& notice);

}  // namespace ekiden::marathon::routes
