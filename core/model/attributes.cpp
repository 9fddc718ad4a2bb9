#include "core/model/attributes.h"

#include "core/base/strings.h"
#include "core/model/ranges_text.h"

#include <fmt/core.h>

namespace ekiden::model {

Result<std::vector<Attribute>> parse_attributes(std::string_view text) {
  std::vector<Attribute> attributes;
  for (const std::string_view piece : split_nonempty(text, ';')) {
    const auto colon = piece.find(':');
    const std::string_view name = trim(piece.substr(0, colon));
    if (colon == std::string_view::npos || name.empty()) {
      return fail(ErrorCode::invalid,
                  fmt::format("cannot read attribute '{}': write name:value", piece));
    }
    const std::string_view value = trim(piece.substr(colon + 1));
    Attribute attribute;
    attribute.name = std::string(name);
    if (const auto number = parse_double(value)) {
      attribute.type = Attribute::Type::scalar;
      attribute.scalar = Scalar::from_double(*number);
    } else if (value.starts_with('[')) {
      auto ranges = parse_ranges(value);
      if (!ranges) {
        return fail(std::move(ranges.error()));
      }
      attribute.type = Attribute::Type::ranges;
      attribute.ranges = std::move(*ranges);
    } else if (value.starts_with('{')) {
      return fail(ErrorCode::invalid,
                  fmt::format("cannot read attribute '{}': sets are not allowed here, write text, "
                              "a number or ranges",
                              piece));
    } else {
      attribute.text = std::string(value);
    }
    attributes.push_back(std::move(attribute));
  }
  return attributes;
}

}  // namespace ekiden::model
