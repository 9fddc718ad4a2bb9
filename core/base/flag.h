#pragma once

#include "core/base/result.h"
#include "core/base/time.h"

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ekiden {

// A command-line flag as a value: daemons list theirs next to their options, and only the command
// line itself knows the library that parses them. The default is what the option holds when the
// list is made.
struct Flag {
  enum class Kind {
    value,   // --name=text
    toggle,  // --name, --no-name, --name=true
  };
  // none: known to the original program, accepted here and without effect.
  enum class Effect { some, none };
  using Set = std::function<Result<void>(const std::string& text)>;  // toggles: "true", "false"

  std::string name;
  std::string help;
  std::string fallback;  // the default, for people; empty: none to show
  Set set;
  Kind kind = Kind::value;
  Effect effect = Effect::some;
  char letter = 0;  // a short form, "-m"
};

using Flags = std::vector<Flag>;

// Of a member that outlives the list.
Flag flag(std::string name, std::string& target, std::string help);
Flag flag(std::string name, std::optional<std::string>& target, std::string help);
Flag flag(std::string name, std::uint16_t& port, std::string help);
Flag flag(std::string name, std::vector<std::string>& list, std::string help);  // comma separated
Flag flag(std::string name, bool& target, std::string help);                    // a toggle
Flag flag(std::string name, Duration& target, std::string help);                // "15secs"

enum class Unit { milliseconds, seconds };
Flag flag(std::string name, Duration& target, Unit unit, std::string help);  // a bare number

template <std::integral T>
Flag count_flag(std::string name, T& target, std::string help);

// Names of flags that the original program has and this one accepts without effect.
Flags without_effect(Flag::Kind kind, std::string_view comma_separated);
void append(Flags& flags, Flags more);

// Text of a number within [min, max]; the error says what is wrong with it.
Result<std::int64_t> whole_number(const std::string& text, std::int64_t min, std::int64_t max);

template <std::integral T>
Flag count_flag(std::string name, T& target, std::string help) {
  return {std::move(name),
          std::move(help),
          std::to_string(target),
          [&target](const std::string& text) -> Result<void> {
            const auto number = whole_number(text, 0, 1'000'000'000);
            if (!number) {
              return fail(number.error());
            }
            target = static_cast<T>(*number);
            return {};
          }};
}

}  // namespace ekiden
