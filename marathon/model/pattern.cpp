#include "marathon/model/pattern.h"

#include <array>
#include <cctype>
#include <cstdint>
#include <utility>

#include <fmt/core.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace ekiden::marathon {

namespace {

constexpr std::uint32_t kStepsMax = 200'000;  // of one match: about a millisecond
constexpr std::uint32_t kDepthMax = 1000;
constexpr std::uint32_t kHeapMax = 1024;  // KiB

struct Free {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }

  void operator()(pcre2_compile_context* context) const { pcre2_compile_context_free(context); }

  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }

  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};

// Java's names of ASCII classes.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kClasses = {
    {{"Lower", "[:lower:]"},
     {"Upper", "[:upper:]"},
     {"ASCII", "[:ascii:]"},
     {"Alpha", "[:alpha:]"},
     {"Digit", "[:digit:]"},
     {"Alnum", "[:alnum:]"},
     {"Punct", "[:punct:]"},
     {"Graph", "[:graph:]"},
     {"Print", "[:print:]"},
     {"Blank", "[:blank:]"},
     {"Cntrl", "[:cntrl:]"},
     {"XDigit", "[:xdigit:]"},
     {"Space", "[:space:]"}}};

// Walks an expression once and spells it as PCRE2 does.
class Translation {
 public:
  explicit Translation(std::string_view text) : text_(text) {}

  Result<std::string> run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\\') {
        escape();
      } else if (in_class_) {
        if (Result<void> read = class_member(c); !read) {
          return fail(read.error());
        }
      } else {
        in_class_ = c == '[';
        class_start_ = at_ + 1;
        keep(1);
        if (in_class_ && rest().starts_with('^')) {
          keep(1);
          class_start_ = at_;
        }
      }
    }
    return std::move(out_);
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }

  void keep(std::size_t count) {
    out_ += text_.substr(at_, count);
    at_ += rest().size() < count ? rest().size() : count;
  }

  Result<void> class_member(char c) {
    if (c == '[' || rest().starts_with("&&")) {
      return fail(ErrorCode::invalid,
                  fmt::format("at {}: classes inside classes are not supported; write the members "
                              "of the class out",
                              at_));
    }
    in_class_ = c != ']' || at_ == class_start_;
    keep(1);
    return {};
  }

  void escape() {
    if (rest().starts_with("\\Q")) {
      const std::size_t end = rest().find("\\E");
      keep(end == std::string_view::npos ? rest().size() : end + 2);
    } else if (rest().starts_with("\\u") && is_hex(rest().substr(2, 4))) {
      out_ += "\\x{" + std::string(rest().substr(2, 4)) + "}";
      at_ += 6;
    } else if (!named_class()) {
      keep(2);
    }
  }

  static bool is_hex(std::string_view digits) {
    for (const char c : digits) {
      if (!std::isxdigit(static_cast<unsigned char>(c))) {
        return false;
      }
    }
    return digits.size() == 4;
  }

  // \p{Alpha}, \P{Alpha}
  bool named_class() {
    const bool negated = rest().starts_with("\\P{");
    if (!negated && !rest().starts_with("\\p{")) {
      return false;
    }
    const std::size_t end = rest().find('}');
    const std::string_view name = rest().substr(3, end == std::string_view::npos ? 0 : end - 3);
    for (const auto& [java, posix] : kClasses) {
      if (java == name) {
        std::string spelled(posix);
        if (negated) {
          spelled.insert(2, "^");
        }
        out_ += in_class_ ? spelled : "[" + spelled + "]";
        at_ += end + 1;
        return true;
      }
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool in_class_ = false;
  std::size_t class_start_ = 0;
  std::string out_;
};

PCRE2_SPTR bytes(std::string_view text) {
  return reinterpret_cast<PCRE2_SPTR>(text.data());  // NOLINT: what the library calls bytes
}

}  // namespace

struct Pattern::Code {
  std::unique_ptr<pcre2_code, Free> code;
  std::unique_ptr<pcre2_match_context, Free> limits;
};

Result<Pattern> Pattern::compile(std::string_view text) {
  if (text.size() > kPatternLengthMax) {
    return fail(ErrorCode::invalid,
                fmt::format("cannot use a regular expression of {} bytes: at most {} are allowed",
                            text.size(),
                            kPatternLengthMax));
  }
  Result<std::string> spelled = Translation(text).run();
  if (!spelled) {
    return fail(
        ErrorCode::invalid,
        fmt::format("cannot use the regular expression {}: {}", text, spelled.error().message));
  }
  const std::unique_ptr<pcre2_compile_context, Free> context(pcre2_compile_context_create(nullptr));
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_ANY);
  int error = 0;
  PCRE2_SIZE offset = 0;
  constexpr std::uint32_t kOptions =
      PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;
  auto code = std::make_shared<Code>();
  code->code.reset(
      pcre2_compile(bytes(*spelled), spelled->size(), kOptions, &error, &offset, context.get()));
  if (!code->code) {
    std::array<PCRE2_UCHAR, 256> reason{};
    pcre2_get_error_message(error, reason.data(), reason.size());
    return fail(ErrorCode::invalid,
                fmt::format("cannot use the regular expression {}: at {}: {}",
                            text,
                            offset,
                            reinterpret_cast<const char*>(reason.data())));  // NOLINT: the same
  }
  code->limits.reset(pcre2_match_context_create(nullptr));
  pcre2_set_match_limit(code->limits.get(), kStepsMax);
  pcre2_set_depth_limit(code->limits.get(), kDepthMax);
  pcre2_set_heap_limit(code->limits.get(), kHeapMax);
  return Pattern(std::move(code));
}

bool Pattern::matches(std::string_view text) const {
  if (text.size() > kPatternSubjectMax) {
    return false;
  }
  const std::unique_ptr<pcre2_match_data, Free> data(pcre2_match_data_create(1, nullptr));
  return pcre2_match(
             code_->code.get(), bytes(text), text.size(), 0, 0, data.get(), code_->limits.get()) >=
         0;
}

}  // namespace ekiden::marathon
