#include "marathon/routes/label_selector.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace ekiden::marathon::routes {

class SelectorParser {
 public:
  explicit SelectorParser(std::string_view text) : text_(text) {}

  std::optional<LabelSelectors> parse();

  const std::string& reason() const { return reason_; }

 private:
  bool at_end() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) {
      ++at_;
    }
    return at_ == text_.size();
  }

  bool take(std::string_view token) {
    if (at_end() || !text_.substr(at_).starts_with(token)) {
      return false;
    }
    at_ += token.size();
    return true;
  }

  bool take_word(std::string_view word) {
    const std::size_t before = at_;
    if (take(word) && (at_ == text_.size() || text_[at_] == ' ' || text_[at_] == '(')) {
      return true;
    }
    at_ = before;
    return false;
  }

  std::optional<std::string> term();
  bool values(std::vector<std::string>& out);
  bool selector(LabelSelectors::Selector& out);

  bool expected(std::string_view what) {
    reason_ = std::string(what) + " expected at character " + std::to_string(at_ + 1);
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string reason_;
};

std::optional<std::string> SelectorParser::term() {
  std::string out;
  at_end();
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '\\' && at_ + 1 < text_.size()) {
      out += text_[++at_];
    } else if (std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-') {
      out += c;
    } else {
      break;
    }
  }
  return out.empty() ? std::nullopt : std::optional(out);
}

bool SelectorParser::values(std::vector<std::string>& out) {
  if (!take("(")) {
    return expected("'('");
  }
  if (take(")")) {
    return true;
  }
  do {
    auto value = term();
    if (!value) {
      return expected("a value");
    }
    out.push_back(std::move(*value));
  } while (take(","));
  return take(")") || expected("')'");
}

bool SelectorParser::selector(LabelSelectors::Selector& out) {
  using Operator = LabelSelectors::Operator;
  auto key = term();
  if (!key) {
    return expected("a label name");
  }
  out.key = std::move(*key);
  const bool equal = take("==");
  if (equal || take("!=")) {
    auto value = term();
    if (!value) {
      return expected("a value");
    }
    out.op = equal ? Operator::in : Operator::not_in;
    out.values = {std::move(*value)};
    return true;
  }
  const bool in = take_word("in");
  if (in || take_word("notin")) {
    out.op = in ? Operator::in : Operator::not_in;
    return values(out.values);
  }
  return true;
}

std::optional<LabelSelectors> SelectorParser::parse() {
  LabelSelectors all;
  if (at_end()) {
    return all;
  }
  do {
    if (!selector(all.selectors_.emplace_back())) {
      return std::nullopt;
    }
  } while (take(","));
  if (!at_end()) {
    expected("',' or the end");
    return std::nullopt;
  }
  return all;
}

Result<LabelSelectors> LabelSelectors::parse(std::string_view text) {
  SelectorParser parser(text);
  auto all = parser.parse();
  if (!all) {
    return fail(
        ErrorCode::invalid,
        "Can not parse label selector " + std::string(text) + ". Reason: " + parser.reason());
  }
  return std::move(*all);
}

bool LabelSelectors::match(const std::map<std::string, std::string>& labels) const {
  return std::all_of(selectors_.begin(), selectors_.end(), [&](const Selector& selector) {
    const auto label = labels.find(selector.key);
    if (label == labels.end()) {
      return false;
    }
    const bool listed = std::find(selector.values.begin(), selector.values.end(), label->second) !=
                        selector.values.end();
    return selector.op == Operator::exists || listed == (selector.op == Operator::in);
  });
}

}  // namespace ekiden::marathon::routes
