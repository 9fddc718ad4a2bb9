#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace ekiden::marathon::validation {

// Collects what is wrong; rules add to it and never stop early [marathon-api 4.1].
class Problems {
 public:
  void add(std::string path, std::string reason);
  // Adds `reason` unless the rule is kept.
  void require(bool kept, std::string path, std::string reason);
  std::vector<Problem> take();  // one of each, in the order of discovery

  bool empty() const { return all_.empty(); }

 private:
  std::vector<Problem> all_;
};

std::string indexed(std::string_view path, std::size_t index);  // "/fetch" -> "/fetch(1)"
std::string feature_missing(std::string_view feature);
// 1.0, 0.5: a double as the texts show it.
std::string number_text(double value);
// ok, or 422 "Object is not valid" with these problems.
Result<void> to_result(std::vector<Problem> problems);

}  // namespace ekiden::marathon::validation
