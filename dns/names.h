#pragma once

#include <string>
#include <string_view>

// Labels out of free text, as Mesos-DNS makes them [discovery 3.4].
namespace ekiden::dns {

enum class LabelRule {
  rfc1123,  // 63 characters, may start with a digit
  rfc952,   // 24 characters, starts with a letter
};

// Lower case; '-', '.' and '_' become '-', other characters but letters and digits vanish; cut to
// the rule's length without a dash at either end. May be empty.
std::string label(std::string_view text, LabelRule rule);
// Each part between dots mangled on its own, empty parts dropped: "My.Frame_Work!.v1" ->
// "my.frame-work.v1".
std::string framework_name(std::string_view text, LabelRule rule);
// The first 5 characters of the z-base-32 text of the id's SHA-1.
std::string task_hash(std::string_view task_id);
// What follows the last '-' of an agent id, lower case: "...-S1" -> "s1".
std::string agent_tail(std::string_view agent_id);

}  // namespace ekiden::dns
