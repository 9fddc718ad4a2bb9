#pragma once

#include "core/base/result.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ekiden::marathon::routes {

// "tier==front, env in (a, b), canary" [marathon-api 2.1].
class LabelSelectors {
 public:
  static Result<LabelSelectors> parse(std::string_view text);
  bool match(const std::map<std::string, std::string>& labels) const;

 private:
  enum class Operator { exists, in, not_in };

  struct Selector {
    std::string key;
    Operator op = Operator::exists;
    std::vector<std::string> values;
  };

  friend class SelectorParser;
  std::vector<Selector> selectors_;  // all must match
};

}  // namespace ekiden::marathon::routes
