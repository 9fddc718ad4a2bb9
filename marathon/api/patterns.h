#pragma once

#include <string_view>

// The text patterns of marathon-api.md 3.1, matched by hand: they run for every definition.
namespace ekiden::marathon::wire {

bool is_label(std::string_view text);          // [a-z0-9]([a-z0-9-]*[a-z0-9])?
bool is_path_segment(std::string_view text);   // labels joined by dots, or "..", or "."
bool is_path_id(std::string_view text);        // the JSON pattern of PathId
bool is_network_name(std::string_view text);   // [a-z0-9]([-a-z0-9_]*[a-z0-9])?
bool is_executor_text(std::string_view text);  // //cmd, a path without empty parts, or nothing
bool is_uri(std::string_view text);            // java.net.URI would take it

}  // namespace ekiden::marathon::wire
