#include "marathon/api/patterns.h"

#include "core/base/strings.h"

#include <algorithm>
#include <cctype>

namespace ekiden::marathon::wire {
namespace {

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_word(std::string_view text, std::string_view inner_extra) {
  return !text.empty() && is_lower_or_digit(text.front()) && is_lower_or_digit(text.back()) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return is_lower_or_digit(c) || inner_extra.find(c) != std::string_view::npos;
         });
}

bool is_dotted(std::string_view text) {
  const auto labels = split(text, '.');
  return !text.empty() && std::all_of(labels.begin(), labels.end(), is_label);
}

}  // namespace

bool is_label(std::string_view text) {
  return is_word(text, "-");
}

bool is_path_segment(std::string_view text) {
  return text == "." || text == ".." || is_dotted(text);
}

bool is_path_id(std::string_view text) {
  const auto parts = split(text, '/');
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    return part.empty() || part == ".." || is_dotted(part);
  });
}

bool is_network_name(std::string_view text) {
  return is_word(text, "-_");
}

bool is_executor_text(std::string_view text) {
  if (text.empty() || text == "//cmd") {
    return true;
  }
  const auto parts = split(text.front() == '/' ? text.substr(1) : text, '/');
  return std::none_of(
      parts.begin(), parts.end(), [](std::string_view part) { return part.empty(); });
}

bool is_uri(std::string_view text) {
  static constexpr std::string_view kForbidden = " \"<>\\^`{|}";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7f || kForbidden.find(text[i]) != std::string_view::npos) {
      return false;
    }
    if (c == '%' &&
        (i + 2 >= text.size() || !std::isxdigit(static_cast<unsigned char>(text[i + 1])) ||
         !std::isxdigit(static_cast<unsigned char>(text[i + 2])))) {
      return false;
    }
  }
  const std::size_t colon = text.find(':');
  const std::size_t slash = text.find_first_of("/?#");
  if (colon == 0 || (colon != std::string_view::npos && colon + 1 == text.size())) {
    return false;
  }
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon < slash)) {
    return std::isalpha(static_cast<unsigned char>(text.front())) != 0 &&
           std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
             return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '-' ||
                    c == '.';
           });
  }
  return true;
}

}  // namespace ekiden::marathon::wire
