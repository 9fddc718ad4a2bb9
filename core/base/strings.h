#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ekiden {

// Pieces between separators, empty ones included; the views point into `text`.
std::vector<std::string_view> split(std::string_view text, char separator);
// The same without the empty pieces.
std::vector<std::string_view> split_nonempty(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text);
bool iequals(std::string_view a, std::string_view b);
// Every occurrence, left to right, not rescanning what was put in.
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);
// The whole text must be the number; nothing otherwise.
std::optional<std::int64_t> parse_int(std::string_view text);
std::optional<double> parse_double(std::string_view text);
// RFC 4648 with padding.
std::string base64_encode(std::string_view bytes);
std::optional<std::string> base64_decode(std::string_view text);
// %XX of a URL component; '+' stays as it is. Invalid escapes stay as they are.
std::string percent_decode(std::string_view text);
// Everything but unreserved characters (RFC 3986) becomes %XX.
std::string percent_encode(std::string_view text);

}  // namespace ekiden
