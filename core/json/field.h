#pragma once

#include "core/json/coder.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

// The rows of a Schema<T>: which member of the struct is which member on the wire.
namespace ekiden::json {

template <class M>
struct InnerOf {
  using type = M;
  static constexpr bool is_optional = false;
};

template <class M>
struct InnerOf<std::optional<M>> {
  using type = M;
  static constexpr bool is_optional = true;
};
template <class M>
using Inner = typename InnerOf<M>::type;

enum class Omit { never, empty, default_value };
inline constexpr std::size_t kChecksMax = 3;  // of one field

template <class T, class M, class C = Coder<Inner<M>>>
struct Field {
  using Check = const char* (*)(const Inner<M>&);  // a reason, or nullptr when all is well
  std::string_view name;
  M T::*member;
  int number = 0;
  bool is_required = false;
  bool is_output_only = false;
  Missing missing = Missing::undefined_on_object;
  Omit omit = Omit::never;
  std::size_t check_count = 0;  // counted: GCC 12 cannot compare function addresses under UBSan
  std::array<Check, kChecksMax> checks{};
  bool is_conditional = false;
  bool (*condition)(const T&) = nullptr;
  bool is_replacing = false;
  bool is_always_written = false;

  constexpr Field required(Missing how = Missing::undefined_on_object) const {
    Field copy = *this;
    copy.is_required = true;
    copy.missing = how;
    return copy;
  }

  constexpr Field output_only() const {  // ignored on input
    Field copy = *this;
    copy.is_output_only = true;
    return copy;
  }

  constexpr Field omit_default() const {  // not written when it equals the member initialiser
    Field copy = *this;
    copy.omit = Omit::default_value;
    return copy;
  }

  constexpr Field non_empty() const {  // an empty list, map or string is not written
    Field copy = *this;
    copy.omit = Omit::empty;
    return copy;
  }

  constexpr Field when(bool (*counts)(const T&)) const {  // not written otherwise
    Field copy = *this;
    copy.is_conditional = true;
    copy.condition = counts;
    return copy;
  }

  // A list that takes the place of what other members of the same message made of it. (In JSON
  // every list does; in protobuf the elements come one by one.)
  constexpr Field replacing() const {
    Field copy = *this;
    copy.is_replacing = true;
    return copy;
  }

  // A list that is written even when it is empty, in a dialect that leaves such lists out.
  constexpr Field always() const {
    Field copy = *this;
    copy.is_always_written = true;
    return copy;
  }

  constexpr Field check(Check reason) const {
    Field copy = *this;
    copy.checks[copy.check_count++] = reason;
    return copy;
  }

  template <class C2>
  constexpr Field<T, M, C2> as() const {
    return {name,
            member,
            number,
            is_required,
            is_output_only,
            missing,
            omit,
            check_count,
            checks,
            is_conditional,
            condition,
            is_replacing,
            is_always_written};
  }

  // {"<kName>": value} on the wire.
  template <Text kName>
  constexpr auto inside() const {
    return as<InsideCoder<kName, Inner<M>, C>>();
  }
};

template <class T, class M>
constexpr Field<T, M> field(std::string_view name, M T::*member) {
  return {name, member};
}

template <class T, class M>
constexpr Field<T, M> field(int number, std::string_view name, M T::*member) {
  return {name, member, number};
}

// A wire member that several struct members stand behind: it looks like a P of its own.
template <class T, class P, class C = Coder<P>>
struct Via {
  std::string_view name;
  bool (*present)(const T&);  // whether it is written
  P (*get)(const T&);
  void (*set)(T&, P&&);
  int number = 0;
  bool is_required = false;
  bool is_output_only = false;
  Missing missing = Missing::undefined_on_object;
};

// The same for JSON alone, with everything in its own hands.
template <class T>
struct Hook {
  std::string_view name;
  bool (*read_hook)(const Node&, Reader&, T&);
  bool (*present_hook)(const T&);  // whether it is written
  void (*write_hook)(Writer&, const T&, const Dialect&);
  int number = 0;
  bool is_required = false;
  bool is_output_only = false;
  Missing missing = Missing::undefined_on_object;
};

// ---- checks for .check(); texts of marathon-api.md 1.9
template <auto kMin, class N>
const char* at_least(const N& value) {
  return value < static_cast<N>(kMin) ? "error.min" : nullptr;
}

// For fractions: clang 14 takes no floating-point template arguments.
template <std::int64_t kMilli>
const char* at_least_milli(const double& value) {
  return value < static_cast<double>(kMilli) / 1000 ? "error.min" : nullptr;
}

template <auto kMax, class N>
const char* at_most(const N& value) {
  return value > static_cast<N>(kMax) ? "error.max" : nullptr;
}

template <std::size_t kMin, class N>
const char* size_at_least(const N& value) {
  return value.size() < kMin ? "error.minLength" : nullptr;
}

template <std::size_t kMax, class N>
const char* size_at_most(const N& value) {
  return value.size() > kMax ? "error.maxLength" : nullptr;
}

}  // namespace ekiden::json
