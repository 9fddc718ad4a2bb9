#include "lb/format.h"

#include "core/base/strings.h"

#include <fmt/core.h>

namespace ekiden::lb {

namespace {

constexpr std::int64_t kWidthMax = 256;

const std::string_view* find(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) {
      return &value;
    }
  }
  return nullptr;
}

bool is_align(char c) {
  return c == '<' || c == '>' || c == '^';
}

std::optional<std::string> pad_into(std::string& out,
                                    std::string_view value,
                                    std::string_view spec) {
  char fill = ' ';
  char align = '<';
  std::string_view rest = spec;
  if (rest.size() > 1 && is_align(rest[1])) {
    fill = rest[0];
    align = rest[1];
    rest.remove_prefix(2);
  } else if (!rest.empty() && is_align(rest[0])) {
    align = rest[0];
    rest.remove_prefix(1);
  }
  if (!rest.empty() && (rest.back() == 's' || rest.back() == 'd')) {
    align = rest.back() == 'd' && align == '<' ? '>' : align;
    rest.remove_suffix(1);
  }
  if (rest.size() > 1 && rest[0] == '0') {
    fill = '0';
    align = '>';
  }
  const auto width = rest.empty() ? std::optional<std::int64_t>(0) : parse_int(rest);
  if (!width || *width < 0 || *width > kWidthMax) {
    return fmt::format("format \"{}\" is not understood", spec);
  }
  const auto want = static_cast<std::size_t>(*width);
  const std::size_t missing = want > value.size() ? want - value.size() : 0;
  const std::size_t before = align == '<' ? 0 : align == '>' ? missing : missing / 2;
  out.append(before, fill);
  out.append(value);
  out.append(missing - before, fill);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> format_into(std::string& out,
                                       std::string_view text,
                                       const Fields& fields) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t brace = text.find_first_of("{}", at);
    out.append(text.substr(at, brace - at));
    if (brace == std::string_view::npos) {
      return std::nullopt;
    }
    if (brace + 1 < text.size() && text[brace + 1] == text[brace]) {
      out += text[brace];
      at = brace + 2;
      continue;
    }
    const std::size_t close = text.find('}', brace);
    if (text[brace] == '}' || close == std::string_view::npos) {
      return "a brace stands alone; double it to mean the character";
    }
    const std::string_view inside = text.substr(brace + 1, close - brace - 1);
    const std::size_t colon = inside.find(':');
    const std::string_view name = inside.substr(0, colon);
    const std::string_view* value = find(fields, name);
    if (value == nullptr) {
      return fmt::format("placeholder \"{}\" is unknown here", name);
    }
    if (colon == std::string_view::npos) {
      out.append(*value);
    } else if (auto reason = pad_into(out, *value, inside.substr(colon + 1))) {
      return reason;
    }
    at = close + 1;
  }
  return std::nullopt;
}

}  // namespace ekiden::lb
