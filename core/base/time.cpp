#include "core/base/time.h"

#include "core/base/strings.h"

#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <limits>
#include <utility>

#include <fmt/core.h>

namespace ekiden {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::pair<std::string_view, Duration>, 8> kUnits = {{
    {"weeks", std::chrono::weeks(1)},
    {"days", std::chrono::days(1)},
    {"hrs", 1h},
    {"mins", 1min},
    {"secs", 1s},
    {"ms", 1ms},
    {"us", 1us},
    {"ns", 1ns},
}};

// What fits into nanoseconds of 64 bits, with a year to spare for the offset.
constexpr int kYearMin = 1678;
constexpr int kYearMax = 2261;

// Reads exactly `count` digits and moves past them; -1 when they are not there.
int take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) {
    return -1;
  }
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (std::isdigit(static_cast<unsigned char>(text[i])) == 0) {
      return -1;
    }
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

// The digits after the point, as nanoseconds.
Duration take_fraction(std::string_view& text) {
  std::int64_t nanos = 0;
  std::int64_t weight = 100'000'000;
  while (!text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0) {
    nanos += (text.front() - '0') * weight;
    weight /= 10;
    text.remove_prefix(1);
  }
  return Duration(nanos);
}

// "Z", "+02:00", "-0530" or nothing (UTC).
bool take_offset(std::string_view& text, Duration& offset) {
  if (text.empty() || take(text, 'Z')) {
    return text.empty();
  }
  const bool minus = take(text, '-');
  if (!minus && !take(text, '+')) {
    return false;
  }
  const int hours = take_digits(text, 2);
  take(text, ':');
  const int minutes = take_digits(text, 2);
  if (hours < 0 || minutes < 0 || !text.empty()) {
    return false;
  }
  offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  offset = minus ? -offset : offset;
  return true;
}

}  // namespace

std::string to_iso8601(WallTime time) {
  using namespace std::chrono;
  const auto since = floor<milliseconds>(time.time_since_epoch());
  const auto day = floor<days>(since);
  const year_month_day date{sys_days(day)};
  const auto in_day = since - day;
  const auto h = duration_cast<hours>(in_day);
  const auto m = duration_cast<minutes>(in_day - h);
  const auto s = duration_cast<seconds>(in_day - h - m);
  const auto ms = in_day - h - m - s;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                     static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()),
                     h.count(),
                     m.count(),
                     s.count(),
                     ms.count());
}

Result<WallTime> parse_iso8601(std::string_view text) {
  using namespace std::chrono;
  const std::string_view whole = text;
  const auto bad = [&] {
    return fail(
        ErrorCode::invalid,
        fmt::format("cannot read '{}' as a time: use the form 2014-03-01T23:29:30.158Z", whole));
  };
  const int y = take_digits(text, 4);
  const bool dash1 = take(text, '-');
  const int mo = take_digits(text, 2);
  const bool dash2 = take(text, '-');
  const int d = take_digits(text, 2);
  if (y < kYearMin || y > kYearMax || mo < 0 || d < 0 || !dash1 || !dash2 || !take(text, 'T')) {
    return bad();
  }
  const int h = take_digits(text, 2);
  const bool colon1 = take(text, ':');
  const int mi = take_digits(text, 2);
  const bool colon2 = take(text, ':');
  const int s = take_digits(text, 2);
  if (h < 0 || mi < 0 || s < 0 || h > 23 || mi > 59 || s > 60 || !colon1 || !colon2) {
    return bad();
  }
  const year_month_day date{
      year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d))};
  Duration fraction{};
  if (take(text, '.')) {
    fraction = take_fraction(text);
  }
  Duration offset{};
  if (!date.ok() || !take_offset(text, offset)) {
    return bad();
  }
  const Duration since = sys_days(date).time_since_epoch() + hours(h) + minutes(mi) + seconds(s);
  return WallTime(since + fraction - offset);
}

Result<Duration> parse_duration(std::string_view text) {
  const auto end = text.find_first_not_of("0123456789.+-");
  const auto unit_text = end == std::string_view::npos ? std::string_view{} : text.substr(end);
  const auto number = parse_double(text.substr(0, end));
  for (const auto& [name, unit] : kUnits) {
    if (number && unit_text == name) {
      const double nanos = *number * static_cast<double>(unit.count());
      if (std::abs(nanos) < static_cast<double>(std::numeric_limits<std::int64_t>::max())) {
        return Duration(static_cast<std::int64_t>(nanos));
      }
    }
  }
  return fail(ErrorCode::invalid,
              fmt::format("cannot read '{}' as a duration: use a number and one of "
                          "ns, us, ms, secs, mins, hrs, days, weeks, such as 15secs",
                          text));
}

std::string to_text(Duration duration) {
  if (duration == Duration{}) {
    return "0ns";
  }
  for (const auto& [name, unit] : kUnits) {
    if (duration % unit == Duration{}) {
      return fmt::format("{}{}", duration / unit, name);
    }
  }
  return fmt::format("{}ns", duration.count());
}

}  // namespace ekiden
