#include "dns/names.h"

#include "core/base/check.h"
#include "core/base/strings.h"

#include <array>
#include <cstddef>

#include <openssl/evp.h>

namespace ekiden::dns {
namespace {

constexpr std::size_t kLabelMaxRfc1123 = 63;
constexpr std::size_t kLabelMaxRfc952 = 24;
constexpr std::size_t kHashLength = 5;
constexpr std::string_view kZBase32 = "ybndrfg8ejkmcpqxot1uwisza345h769";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string keep_allowed(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') {
      kept += static_cast<char>(c - 'A' + 'a');
    } else if ((c >= 'a' && c <= 'z') || is_digit(c)) {
      kept += c;
    } else if (c == '-' || c == '.' || c == '_') {
      kept += '-';
    }
  }
  return kept;
}

void strip_trailing_dashes(std::string& text) {
  while (!text.empty() && text.back() == '-') {
    text.pop_back();
  }
}

}  // namespace

std::string label(std::string_view text, LabelRule rule) {
  const std::string kept = keep_allowed(text);
  std::size_t start = 0;
  while (start < kept.size() &&
         (kept[start] == '-' || (rule == LabelRule::rfc952 && is_digit(kept[start])))) {
    ++start;
  }
  const std::size_t length_max = rule == LabelRule::rfc952 ? kLabelMaxRfc952 : kLabelMaxRfc1123;
  std::string cut = kept.substr(start, length_max);
  const std::size_t before = cut.size();
  strip_trailing_dashes(cut);
  // Dashes stripped at the cut make room for what followed.
  const std::size_t freed = before - cut.size();
  std::size_t rest = start + before;
  while (rest < kept.size() && kept[rest] == '-') {
    ++rest;
  }
  if (freed > 0 && rest < kept.size()) {
    cut += kept.substr(rest, freed);
    strip_trailing_dashes(cut);
  }
  return cut;
}

std::string framework_name(std::string_view text, LabelRule rule) {
  std::string name;
  for (std::string_view part : split(text, '.')) {
    const std::string mangled = label(part, rule);
    if (mangled.empty()) {
      continue;
    }
    if (!name.empty()) {
      name += '.';
    }
    name += mangled;
  }
  return name;
}

std::string task_hash(std::string_view task_id) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  const int ok =
      EVP_Digest(task_id.data(), task_id.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  CHECK(ok == 1, "SHA-1 of task id {} cannot be computed", task_id);
  std::string text;
  for (std::size_t i = 0; i < kHashLength; ++i) {
    const std::size_t bit = i * 5;
    const unsigned pair = (unsigned{digest[bit / 8]} << 8) | digest[bit / 8 + 1];
    text += kZBase32[(pair >> (11 - bit % 8)) & 31];
  }
  return text;
}

std::string agent_tail(std::string_view agent_id) {
  const std::size_t dash = agent_id.rfind('-');
  return to_lower(dash == std::string_view::npos ? agent_id : agent_id.substr(dash + 1));
}

}  // namespace ekiden::dns
