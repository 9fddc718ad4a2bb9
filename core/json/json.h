#pragma once

#include "core/base/result.h"

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// JSON without a third-party header. Types get their tables in one .cpp per family, which includes
// core/json/codec.h and ends with EKIDEN_JSON_TYPE(T) per type; everybody else calls decode and
// encode declared here. Only core/json and table .cpp files see RapidJSON.
namespace ekiden::json {

// What differs between the families of wire formats (style.md 2.10).
struct Dialect {
  enum class Errors { marathon, mesos };    // spelling and paths of problems [marathon-api 1.9]
  enum class Lists { always, omit_empty };  // how an empty collection is written
  enum class Scalars { exact, lenient };    // lenient: numbers as strings, one value for a list
  enum class Unknown { ignore, reject };    // unknown members of an object
  Errors errors = Errors::marathon;
  Lists lists = Lists::always;
  Scalars scalars = Scalars::exact;
  Unknown unknown = Unknown::ignore;
};

extern const Dialect kMarathon;  // /v2: Marathon's error texts, empty lists written
extern const Dialect kMesos;     // /api/v1: lenient scalars, empty lists omitted
extern const Dialect kRecord;    // our own durable records: exact, ignores unknown members

inline constexpr std::size_t kDepthMax = 64;  // nesting beyond it is refused as malformed

class Value;
using Array = std::vector<Value>;
using Member = std::pair<std::string, Value>;
using Object = std::vector<Member>;  // in document order; duplicates: the last one counts

// A document without a type: opaque members, merging a partial update, assembling small answers.
class Value {
 public:
  Value() = default;  // null

  Value(std::nullptr_t) {}

  Value(bool value) : data_(value) {}

  Value(int value) : data_(std::int64_t{value}) {}

  Value(std::int64_t value) : data_(value) {}

  Value(std::uint64_t value) : data_(static_cast<std::int64_t>(value)) {}

  Value(double value) : data_(value) {}

  Value(const char* value) : data_(std::string(value)) {}

  Value(std::string_view value) : data_(std::string(value)) {}

  Value(std::string value) : data_(std::move(value)) {}

  Value(Array value) : data_(std::move(value)) {}

  Value(Object value) : data_(std::move(value)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }

  bool is_bool() const { return std::holds_alternative<bool>(data_); }

  bool is_int() const { return std::holds_alternative<std::int64_t>(data_); }

  bool is_double() const { return std::holds_alternative<double>(data_); }

  bool is_number() const { return is_int() || is_double(); }

  bool is_string() const { return std::holds_alternative<std::string>(data_); }

  bool is_array() const { return std::holds_alternative<Array>(data_); }

  bool is_object() const { return std::holds_alternative<Object>(data_); }

  // Wrong kinds give the fallback, never a crash.
  bool as_bool(bool fallback = false) const;
  std::int64_t as_int(std::int64_t fallback = 0) const;  // a whole double counts
  double as_double(double fallback = 0) const;           // an int counts
  std::string_view as_string(std::string_view fallback = {}) const;
  const Array& as_array() const;    // empty when not an array
  const Object& as_object() const;  // empty when not an object
  Array& array();                   // becomes an empty array when it is not one
  Object& object();                 // becomes an empty object when it is not one

  // The member, or nullptr when absent or not an object.
  const Value* find(std::string_view name) const;
  Value* find(std::string_view name);
  // The member or a null value: v["container"]["docker"]["image"].as_string() never fails.
  const Value& operator[](std::string_view name) const;
  // Replaces or appends the member; makes an object of *this when it is not one.
  Value& set(std::string_view name, Value value);
  bool erase(std::string_view name);
  bool operator==(const Value&) const = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data_;
};

// ErrorCode::malformed with the parser's words and offset; invalid UTF-8 and excess depth too.
Result<Value> parse(std::string_view text);
// Compact. Doubles keep a fraction part ("1.0").
std::string to_text(const Value& value);

// Writes compact JSON straight into one buffer. The caller keeps begin/end and key/value in order.
class Writer {
 public:
  Writer();
  ~Writer();
  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;

  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view name);
  Writer& string(std::string_view value);
  Writer& integer(std::int64_t value);
  Writer& unsigned_integer(std::uint64_t value);
  Writer& number(double value);        // always with a fraction part: 1.0
  Writer& number_short(double value);  // whole doubles without a fraction part: 1
  Writer& boolean(bool value);
  Writer& null();
  Writer& raw(std::string_view json);  // one complete value, written elsewhere before
  Writer& value(const Value& value);

  // key + value in one word, for the common members.
  Writer& member(std::string_view name, std::string_view value) { return key(name).string(value); }

  std::string take();  // the text so far; the writer is empty afterwards
  std::size_t size() const;

 private:
  friend struct WriterAccess;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Problems are all reported at once: malformed (not JSON) or invalid with problems [1.9].
template <class T>
Result<T> decode(std::string_view text, const Dialect& dialect);
template <class T, std::same_as<Value> V>
Result<T> decode(const V& value, const Dialect& dialect);
template <class T>
std::string encode(const T& value, const Dialect& dialect);
template <class T>
void encode(Writer& writer, const T& value, const Dialect& dialect);
// The names of top-level fields in which two values differ, in table order.
template <class T>
std::vector<std::string_view> changed(const T& a, const T& b);
// A JSON Schema (draft 7) document of the type's table.
template <class T>
std::string schema_document();

}  // namespace ekiden::json
