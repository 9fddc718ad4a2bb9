#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ekiden::marathon {

// An absolute id such as "/prod/web". Empty, "." and ".." segments are resolved when it is made
// [marathon-api 1.2]. Ordered segment by segment, so that everything below a group is one range.
class PathId {
 public:
  PathId() = default;  // the root "/"
  // A relative text is made absolute against `base`; without one, against the root.
  static PathId parse(std::string_view text);
  static PathId parse(std::string_view text, const PathId& base);

  const std::string& text() const { return text_; }  // "/prod/web"

  bool is_root() const { return text_.size() == 1; }

  PathId parent() const;  // of the root: the root
  PathId child(std::string_view segment) const;
  std::vector<std::string_view> segments() const;
  std::string_view last() const;             // "web"; empty for the root
  bool is_below(const PathId& group) const;  // strictly
  std::string safe_path() const;             // "prod_web" [ID-1]
  static PathId from_safe_path(std::string_view safe_path);

  bool operator==(const PathId&) const = default;
  std::strong_ordering operator<=>(const PathId& other) const;  // '/' sorts before every other byte

 private:
  std::string text_ = "/";
};

}  // namespace ekiden::marathon

template <>
struct std::hash<ekiden::marathon::PathId> {
  std::size_t operator()(const ekiden::marathon::PathId& id) const noexcept {
    return std::hash<std::string>{}(id.text());
  }
};
