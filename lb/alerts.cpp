#include "lb/alerts.h"

#include "core/base/strings.h"

namespace ekiden::lb {

namespace {

constexpr std::size_t kReasonMax = 300;
constexpr std::string_view kFile = "haproxy.cfg";

// "parsing [/path/haproxy.cfg:17]" and "[/path/haproxy.cfg:17]"
std::string_view by_line(const Rendered& rendered, std::string_view alert) {
  for (std::size_t open = alert.find('['); open != std::string_view::npos;
       open = alert.find('[', open + 1)) {
    const std::size_t close = alert.find(']', open);
    const std::size_t colon = alert.rfind(':', close);
    if (close == std::string_view::npos || colon == std::string_view::npos || colon < open ||
        alert.substr(open, colon - open).find(kFile) == std::string_view::npos) {
      continue;  // an address is written alike
    }
    if (const auto line = parse_int(alert.substr(colon + 1, close - colon - 1))) {
      const auto owner = rendered.owner_of(static_cast<std::size_t>(*line));
      if (!owner.empty()) {
        return owner;
      }
    }
  }
  return {};
}

// A frontend or backend name of ours as a word.
std::string_view by_name(const Rendered& rendered, std::string_view alert) {
  std::string word;
  for (std::size_t i = 0; i <= alert.size(); ++i) {
    const char c = i < alert.size() ? alert[i] : ' ';
    if (c != ' ' && c != '\'' && c != '"' && c != ',' && c != '/' && c != '(' && c != ')') {
      word += c;
      continue;
    }
    if (word.ends_with(':')) {
      word.pop_back();
    }
    const auto found = rendered.app_of_backend.find(word);
    if (found != rendered.app_of_backend.end()) {
      return found->second;
    }
    word.clear();
  }
  return {};
}

}  // namespace

std::vector<Rejected> culprits(const Rendered& rendered, std::string_view output) {
  std::vector<Rejected> result;
  std::set<std::string_view> seen;
  for (const std::string_view line : split(output, '\n')) {
    const std::size_t start = line.find("[ALERT]");
    if (start == std::string_view::npos) {
      continue;
    }
    std::string_view owner = by_line(rendered, line.substr(start + 7));
    if (owner.empty()) {
      owner = by_name(rendered, line.substr(start + 7));
    }
    if (!owner.empty() && seen.insert(owner).second) {
      const std::size_t colon = line.find(" : ", start);
      const std::size_t from = colon == std::string_view::npos ? start : colon + 3;
      result.push_back(
          {std::string(owner), "HAProxy says: " + std::string(line.substr(from, kReasonMax))});
    }
  }
  return result;
}

}  // namespace ekiden::lb
