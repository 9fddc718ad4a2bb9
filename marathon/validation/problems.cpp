#include "marathon/validation/problems.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::marathon::validation {

void Problems::add(std::string path, std::string reason) {
  Problem problem{std::move(path), std::move(reason)};
  if (std::find(all_.begin(), all_.end(), problem) == all_.end()) {
    all_.push_back(std::move(problem));
  }
}

void Problems::require(bool kept, std::string path, std::string reason) {
  if (!kept) {
    add(std::move(path), std::move(reason));
  }
}

std::vector<Problem> Problems::take() {
  return std::move(all_);
}

std::string indexed(std::string_view path, std::size_t index) {
  return fmt::format("{}({})", path, index);
}

std::string feature_missing(std::string_view feature) {
  return fmt::format("Feature {0} is not enabled. Enable with --enable_features {0})", feature);
}

std::string number_text(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".en") == std::string::npos) {
    text += ".0";
  }
  return text;
}

Result<void> to_result(std::vector<Problem> problems) {
  if (problems.empty()) {
    return {};
  }
  return fail(Error{ErrorCode::invalid, "Object is not valid", std::move(problems)});
}

}  // namespace ekiden::marathon::validation
