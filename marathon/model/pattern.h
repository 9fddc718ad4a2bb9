#pragma once

#include "core/base/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace ekiden::marathon {

inline constexpr std::size_t kPatternLengthMax = 1024;   // bytes of one expression
inline constexpr std::size_t kPatternSubjectMax = 4096;  // longer texts never match

// A regular expression of a constraint (LIKE, UNLIKE) in the dialect of java.util.regex [CO-1],
// performed by PCRE2 with bounded effort: an expression that explodes fails to match. What Java
// reads differently (nested and intersected character classes) is refused, never misread.
class Pattern {
 public:
  static Result<Pattern> compile(std::string_view text);

  // Does the whole text match?
  bool matches(std::string_view text) const;

 private:
  struct Code;

  explicit Pattern(std::shared_ptr<const Code> code) : code_(std::move(code)) {}

  std::shared_ptr<const Code> code_;
};

}  // namespace ekiden::marathon
