#include "core/json/diff.h"

namespace ekiden::json {

namespace {

std::string pointer_token(std::string_view name) {
  std::string token;
  for (const char c : name) {
    if (c == '~') {
      token += "~0";
    } else if (c == '/') {
      token += "~1";
    } else {
      token += c;
    }
  }
  return token;
}

class Comparison {
 public:
  explicit Comparison(std::size_t max) : max_(max) {}

  void compare(const std::string& path, const Value& before, const Value& after) {
    if (before == after) {
      return;
    }
    if (before.is_object() && after.is_object()) {
      members(path, before, after);
    } else if (before.is_array() && after.is_array() &&
               before.as_array().size() == after.as_array().size()) {
      for (std::size_t i = 0; i < before.as_array().size(); ++i) {
        compare(path + "/" + std::to_string(i), before.as_array()[i], after.as_array()[i]);
      }
    } else {
      add({path, before, after});
    }
  }

  std::vector<Difference> take() { return std::move(found_); }

 private:
  void members(const std::string& path, const Value& before, const Value& after) {
    for (const auto& [name, value] : before.as_object()) {
      const std::string below = path + "/" + pointer_token(name);
      if (const Value* other = after.find(name)) {
        compare(below, value, *other);
      } else {
        add({below, value, std::nullopt});
      }
    }
    for (const auto& [name, value] : after.as_object()) {
      if (!before.find(name)) {
        add({path + "/" + pointer_token(name), std::nullopt, value});
      }
    }
  }

  void add(Difference difference) {
    if (found_.size() < max_) {
      found_.push_back(std::move(difference));
    }
  }

  std::size_t max_;
  std::vector<Difference> found_;
};

}  // namespace

std::vector<Difference> diff(const Value& before, const Value& after, std::size_t max) {
  Comparison comparison(max);
  comparison.compare("", before, after);
  return comparison.take();
}

}  // namespace ekiden::json
