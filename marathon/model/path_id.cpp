#include "marathon/model/path_id.h"

#include "core/base/strings.h"

#include <algorithm>

namespace ekiden::marathon {

PathId PathId::parse(std::string_view text) {
  return parse(text, PathId());
}

PathId PathId::parse(std::string_view text, const PathId& base) {
  std::vector<std::string_view> parts;
  if (text.empty() || text.front() != '/') {
    parts = base.segments();
  }
  for (std::string_view part : split_nonempty(text, '/')) {
    if (part == ".") {
      continue;
    }
    if (part == "..") {
      if (!parts.empty()) {
        parts.pop_back();
      }
      continue;
    }
    parts.push_back(part);
  }
  std::string joined;
  for (std::string_view part : parts) {
    joined += '/';
    joined += part;
  }
  PathId id;
  if (!joined.empty()) {
    id.text_ = std::move(joined);
  }
  return id;
}

PathId PathId::parent() const {
  PathId id;
  if (std::size_t end = text_.rfind('/'); end != 0) {
    id.text_ = text_.substr(0, end);
  }
  return id;
}

PathId PathId::child(std::string_view segment) const {
  PathId id;
  id.text_ = is_root() ? std::string() : text_;
  id.text_ += '/';
  id.text_ += segment;
  return id;
}

std::vector<std::string_view> PathId::segments() const {
  return split_nonempty(text_, '/');
}

std::string_view PathId::last() const {
  return std::string_view(text_).substr(text_.rfind('/') + 1);
}

bool PathId::is_below(const PathId& group) const {
  if (group.is_root()) {
    return !is_root();
  }
  return text_.size() > group.text_.size() + 1 && text_[group.text_.size()] == '/' &&
         text_.starts_with(group.text_);
}

std::string PathId::safe_path() const {
  std::string safe = text_.substr(1);
  std::replace(safe.begin(), safe.end(), '/', '_');
  return safe;
}

PathId PathId::from_safe_path(std::string_view safe_path) {
  std::string text(safe_path);
  std::replace(text.begin(), text.end(), '_', '/');
  return parse(text);
}

std::strong_ordering PathId::operator<=>(const PathId& other) const {
  auto rank = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c) + 1; };
  return std::lexicographical_compare_three_way(
      text_.begin(), text_.end(), other.text_.begin(), other.text_.end(), [&](char a, char b) {
        return rank(a) <=> rank(b);
      });
}

}  // namespace ekiden::marathon
