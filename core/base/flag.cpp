#include "core/base/flag.h"

#include "core/base/strings.h"

#include <utility>

#include <fmt/core.h>

namespace ekiden {

Result<std::int64_t> whole_number(const std::string& text, std::int64_t min, std::int64_t max) {
  const auto number = parse_int(text);
  if (!number || *number < min || *number > max) {
    return fail(ErrorCode::invalid,
                fmt::format("'{}' is not a whole number from {} to {}", text, min, max));
  }
  return *number;
}

Flag flag(std::string name, std::string& target, std::string help) {
  return {
      std::move(name), std::move(help), target, [&target](const std::string& text) -> Result<void> {
        target = text;
        return {};
      }};
}

Flag flag(std::string name, std::optional<std::string>& target, std::string help) {
  return {std::move(name),
          std::move(help),
          target.value_or(""),
          [&target](const std::string& text) -> Result<void> {
            target = text;
            return {};
          }};
}

Flag flag(std::string name, std::uint16_t& port, std::string help) {
  return {std::move(name),
          std::move(help) + " (0: any free port)",
          std::to_string(port),
          [&port](const std::string& text) -> Result<void> {
            const auto number = whole_number(text, 0, 65535);
            if (!number) {
              return fail(number.error());
            }
            port = static_cast<std::uint16_t>(*number);
            return {};
          }};
}

Flag flag(std::string name, std::vector<std::string>& list, std::string help) {
  return {std::move(name),
          std::move(help),
          join(list, ","),
          [&list](const std::string& text) -> Result<void> {
            list.clear();
            for (const auto part : split_nonempty(text, ',')) {
              list.emplace_back(trim(part));
            }
            return {};
          }};
}

Flag flag(std::string name, bool& target, std::string help) {
  return {std::move(name),
          std::move(help),
          target ? "true" : "false",
          [&target](const std::string& text) -> Result<void> {
            target = text == "true";
            return {};
          },
          Flag::Kind::toggle};
}

Flag flag(std::string name, Duration& target, std::string help) {
  return {std::move(name),
          std::move(help),
          to_text(target),
          [&target](const std::string& text) -> Result<void> {
            const auto duration = parse_duration(text);
            if (!duration) {
              return fail(duration.error());
            }
            target = *duration;
            return {};
          }};
}

Flag flag(std::string name, Duration& target, Unit unit, std::string help) {
  const Duration one = unit == Unit::seconds ? Duration(std::chrono::seconds(1))
                                             : Duration(std::chrono::milliseconds(1));
  return {std::move(name),
          std::move(help) + (unit == Unit::seconds ? ", seconds" : ", milliseconds"),
          std::to_string(target / one),
          [&target, one](const std::string& text) -> Result<void> {
            const auto number = whole_number(text, 0, 4'000'000'000);
            if (!number) {
              return fail(number.error());
            }
            target = *number * one;
            return {};
          }};
}

Flags without_effect(Flag::Kind kind, std::string_view comma_separated) {
  Flags flags;
  for (const auto name : split_nonempty(comma_separated, ',')) {
    Flag flag;
    flag.name = std::string(trim(name));
    flag.set = [](const std::string&) -> Result<void> { return {}; };
    flag.kind = kind;
    flag.effect = Flag::Effect::none;
    flags.push_back(std::move(flag));
  }
  return flags;
}

void append(Flags& flags, Flags more) {
  for (Flag& one : more) {
    flags.push_back(std::move(one));
  }
}

}  // namespace ekiden
