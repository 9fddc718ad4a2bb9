#pragma once

#include "core/base/result.h"
#include "core/model/resources.h"

#include <string>
#include <string_view>
#include <vector>

namespace ekiden::model {

struct Attribute {
  enum class Type { scalar, ranges, set, text };
  std::string name;
  Type type = Type::text;
  Scalar scalar;
  std::vector<Range> ranges;
  std::string text;
  bool operator==(const Attribute&) const = default;
};

// "rack:r1;zone:a;score:1.5" [mesos-core 6.2]
Result<std::vector<Attribute>> parse_attributes(std::string_view text);

}  // namespace ekiden::model
