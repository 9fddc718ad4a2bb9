#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ekiden::lb {

using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

// Appends `text` with {name} replaced and {{ }} unescaped: the subset of Python's format language
// that marathon-lb templates use, with fill, alignment and width ("{host:>15}"). What is put in is
// never scanned again. Returns the reason when the template is wrong; `out` is then incomplete.
std::optional<std::string> format_into(std::string& out,
                                       std::string_view text,
                                       const Fields& fields);

}  // namespace ekiden::lb
