#include "core/base/strings.h"
#include "core/model/ranges_text.h"
#include "core/model/resources.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::model {
namespace {

std::string number_text(Scalar scalar) {
  return fmt::format("{}", scalar.to_double());
}

Result<void> read_value(std::string_view value, Resource& resource) {
  if (value.starts_with('[')) {
    auto ranges = parse_ranges(value);
    if (!ranges) {
      return fail(std::move(ranges.error()));
    }
    resource.type = ValueType::ranges;
    resource.ranges = std::move(*ranges);
    return {};
  }
  if (value.size() >= 2 && value.front() == '{' && value.back() == '}') {
    resource.type = ValueType::set;
    for (const auto item : split_nonempty(value.substr(1, value.size() - 2), ',')) {
      resource.set.emplace_back(item);
    }
    return {};
  }
  const auto number = parse_double(value);
  if (!number || *number < 0) {
    return fail(ErrorCode::invalid,
                fmt::format("cannot read resource {}: '{}' is no number of at least 0, no ranges "
                            "[1-2,5-6] and no set {{a,b}}",
                            resource.name,
                            value));
  }
  resource.scalar = Scalar::from_double(*number);
  return {};
}

Result<Resource> read_resource(std::string_view piece, std::string_view default_role) {
  const auto colon = piece.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    return fail(
        ErrorCode::invalid,
        fmt::format("cannot read resource '{}': write name:value or name(role):value", piece));
  }
  std::string_view name = piece.substr(0, colon);
  std::string_view role = default_role;
  if (const auto open = name.find('('); open != std::string_view::npos) {
    if (name.back() != ')' || open + 2 >= name.size()) {
      return fail(ErrorCode::invalid,
                  fmt::format("cannot read resource '{}': write name(role):value", piece));
    }
    role = name.substr(open + 1, name.size() - open - 2);
    name = name.substr(0, open);
  }
  Resource resource;
  resource.name = std::string(name);
  if (role != "*") {
    resource.reservations.push_back({.type = Reservation::Type::static_,
                                     .role = std::string(role),
                                     .principal = {},
                                     .labels = {}});
  }
  if (auto read = read_value(piece.substr(colon + 1), resource); !read) {
    return fail(std::move(read.error()));
  }
  return resource;
}

}  // namespace

Result<std::vector<Range>> parse_ranges(std::string_view text) {
  const auto bad = [&] {
    return fail(ErrorCode::invalid,
                fmt::format("cannot read ranges '{}': write [31000-32000,33000-33010]", text));
  };
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') {
    return bad();
  }
  std::vector<Range> ranges;
  for (const auto piece : split_nonempty(text.substr(1, text.size() - 2), ',')) {
    const auto dash = piece.find('-');
    if (dash == std::string_view::npos) {
      return bad();
    }
    const auto begin = parse_int(trim(piece.substr(0, dash)));
    const auto end = parse_int(trim(piece.substr(dash + 1)));
    if (!begin || !end || *begin < 0 || *end < *begin) {
      return bad();
    }
    ranges.push_back({static_cast<std::uint64_t>(*begin), static_cast<std::uint64_t>(*end)});
  }
  return normalised(std::move(ranges));
}

std::string to_text(const std::vector<Range>& ranges) {
  std::string text = "[";
  for (const Range& range : ranges) {
    text += fmt::format("{}{}-{}", text.size() > 1 ? ", " : "", range.begin, range.end);
  }
  return text + "]";
}

Result<Resources> parse_resources(std::string_view text, std::string_view default_role) {
  std::string compact(text);
  std::erase_if(compact, [](char c) { return c == ' ' || c == '\t' || c == '\n'; });
  Resources resources;
  std::vector<std::pair<std::string, ValueType>> types;
  for (const auto piece : split_nonempty(compact, ';')) {
    auto resource = read_resource(piece, default_role);
    if (!resource) {
      return fail(std::move(resource.error()));
    }
    for (const auto& [name, type] : types) {
      if (name == resource->name && type != resource->type) {
        return fail(ErrorCode::invalid,
                    fmt::format("cannot read resources: {} is given with two kinds of value; "
                                "use one",
                                name));
      }
    }
    types.emplace_back(resource->name, resource->type);
    resources += *resource;
  }
  return resources;
}

std::string to_text(const Resources& resources) {
  std::string text;
  for (const Resource& resource : resources.list()) {
    text += text.empty() ? "" : "; ";
    text += resource.name;
    if (!resource.reservations.empty()) {
      text += "(" + resource.reservations.back().role + ")";
    }
    text += ":";
    switch (resource.type) {
      case ValueType::scalar:
        text += number_text(resource.scalar);
        break;
      case ValueType::ranges:
        text += to_text(resource.ranges);
        break;
      case ValueType::set:
        text += "{" + join(resource.set, ", ") + "}";
        break;
    }
  }
  return text;
}

}  // namespace ekiden::model
