#include "core/json/document.h"
#include "core/json/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include <fmt/core.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace ekiden::json {
namespace {

using RapidWriter = rapidjson::Writer<rapidjson::StringBuffer>;

// "\udc00" alone: RapidJSON makes bytes of it that are no UTF-8, and refuses them when they come
// back. In UTF-8 they are ED A0..BF xx.
bool has_lone_surrogate(std::string_view text) {
  for (auto at = text.find('\xed'); at != std::string_view::npos; at = text.find('\xed', at + 1)) {
    if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0xa0) {
      return true;
    }
  }
  return false;
}

// Numbers are converted here: RapidJSON's own conversion asserts on "Infe1" and makes NaN of 2e308.
struct Number {
  enum class Kind { wrong, natural, integer, real };
  Kind kind = Kind::wrong;
  std::uint64_t natural = 0;
  std::int64_t integer = 0;
  double real = 0;
};

// `text` is a number by JSON's grammar or begins with Infinity, Inf or NaN; a NUL follows it.
Number parse_number(std::string_view text) {
  using Kind = Number::Kind;
  Number number;
  const char* const end = text.data() + text.size();
  const auto whole = [&](std::from_chars_result result) {
    return result.ec == std::errc() && result.ptr == end;
  };
  if (whole(std::from_chars(text.data(), end, number.integer))) {
    number.kind = Kind::integer;
  } else if (whole(std::from_chars(text.data(), end, number.natural))) {
    number.kind = Kind::natural;
  } else {
    const auto result = std::from_chars(text.data(), end, number.real);
    if (result.ec == std::errc::result_out_of_range && result.ptr == end) {
      number.real = std::strtod(text.data(), nullptr);  // too small is zero, too big infinite
      number.kind = std::isfinite(number.real) ? Kind::real : Kind::wrong;
    } else if (whole(result)) {
      number.kind = Kind::real;
    }
  }
  return number;
}

// Stands in front of the document that is being built: counts nesting, looks at texts, converts
// numbers.
class DocumentGuard {
 public:
  explicit DocumentGuard(rapidjson::Document& document) : document_(document) {}

  bool too_deep() const { return depth_ > kDepthMax; }

  bool lone_surrogate() const { return lone_surrogate_; }

  bool wrong_number() const { return wrong_number_; }

  bool Null() { return document_.Null(); }

  bool Bool(bool b) { return document_.Bool(b); }

  bool Int(int i) { return document_.Int(i); }

  bool Uint(unsigned u) { return document_.Uint(u); }

  bool Int64(std::int64_t i) { return document_.Int64(i); }

  bool Uint64(std::uint64_t u) { return document_.Uint64(u); }

  bool Double(double d) { return document_.Double(d); }

  bool RawNumber(const char* s, rapidjson::SizeType n, bool) {
    const Number number = parse_number({s, n});
    switch (number.kind) {
      case Number::Kind::natural:
        return document_.Uint64(number.natural);
      case Number::Kind::integer:
        return document_.Int64(number.integer);
      case Number::Kind::real:
        return document_.Double(number.real);
      case Number::Kind::wrong:
        break;
    }
    wrong_number_ = true;
    return false;
  }

  bool String(const char* s, rapidjson::SizeType n, bool copy) {
    return is_text(s, n) && document_.String(s, n, copy);
  }

  bool StartObject() { return enter() && document_.StartObject(); }

  bool Key(const char* s, rapidjson::SizeType n, bool copy) {
    return is_text(s, n) && document_.Key(s, n, copy);
  }

  bool EndObject(rapidjson::SizeType n) {
    --depth_;
    return document_.EndObject(n);
  }

  bool StartArray() { return enter() && document_.StartArray(); }

  bool EndArray(rapidjson::SizeType n) {
    --depth_;
    return document_.EndArray(n);
  }

 private:
  bool enter() { return ++depth_ <= kDepthMax; }

  bool is_text(const char* s, rapidjson::SizeType n) {
    lone_surrogate_ = has_lone_surrogate({s, n});
    return !lone_surrogate_;
  }

  rapidjson::Document& document_;
  std::size_t depth_ = 0;
  bool lone_surrogate_ = false;
  bool wrong_number_ = false;
};

constexpr unsigned kFlags = rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag |
                            rapidjson::kParseValidateEncodingFlag;

struct Generator {
  std::string_view text;
  Numbers numbers;
  rapidjson::ParseResult result;
  bool too_deep = false;
  bool lone_surrogate = false;
  bool wrong_number = false;

  bool operator()(rapidjson::Document& document) {
    rapidjson::MemoryStream bytes(text.data(), text.size());
    rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(bytes);
    rapidjson::Reader reader;
    DocumentGuard guard(document);
    if (numbers == Numbers::with_infinity) {
      result = reader.Parse<kFlags | rapidjson::kParseNanAndInfFlag>(stream, guard);
    } else {
      result = reader.Parse<kFlags>(stream, guard);
    }
    too_deep = guard.too_deep();
    lone_surrogate = guard.lone_surrogate();
    wrong_number = guard.wrong_number();
    return !result.IsError();
  }
};

}  // namespace

Result<void> parse_document(std::string_view text, Numbers numbers, rapidjson::Document& out) {
  Generator generator{text, numbers, {}};
  out.Populate(generator);
  if (!generator.result.IsError()) {
    return {};
  }
  if (generator.too_deep) {
    return fail(ErrorCode::malformed,
                fmt::format("JSON is nested deeper than {} levels at offset {}",
                            kDepthMax,
                            generator.result.Offset()));
  }
  if (generator.lone_surrogate) {
    return fail(ErrorCode::malformed,
                fmt::format("The surrogate pair in string is invalid (at offset {})",
                            generator.result.Offset()));
  }
  if (generator.wrong_number) {
    return fail(ErrorCode::malformed,
                fmt::format("A number is wrong or too big to be stored (at offset {})",
                            generator.result.Offset()));
  }
  if (generator.result.Code() == rapidjson::kParseErrorDocumentEmpty) {
    return fail(ErrorCode::malformed, "No content to map due to end-of-input");
  }
  std::string reason = rapidjson::GetParseError_En(generator.result.Code());
  if (!reason.empty() && reason.back() == '.') {
    reason.pop_back();
  }
  return fail(ErrorCode::malformed,
              fmt::format("{} (at offset {})", reason, generator.result.Offset()));
}

Value to_value(const rapidjson::Value& node) {
  switch (node.GetType()) {
    case rapidjson::kNullType:
      return {};
    case rapidjson::kFalseType:
    case rapidjson::kTrueType:
      return {node.GetBool()};
    case rapidjson::kStringType:
      return {std::string(node.GetString(), node.GetStringLength())};
    case rapidjson::kNumberType:
      return node.IsInt64() ? Value(std::int64_t{node.GetInt64()}) : Value(node.GetDouble());
    case rapidjson::kArrayType: {
      Array array;
      array.reserve(node.Size());
      for (const auto& element : node.GetArray()) {
        array.push_back(to_value(element));
      }
      return {std::move(array)};
    }
    case rapidjson::kObjectType:
      break;
  }
  Object object;
  object.reserve(node.MemberCount());
  for (const auto& member : node.GetObject()) {
    object.emplace_back(std::string(member.name.GetString(), member.name.GetStringLength()),
                        to_value(member.value));
  }
  return {std::move(object)};
}

std::string to_text(const rapidjson::Value& node) {
  rapidjson::StringBuffer buffer;
  RapidWriter writer(buffer);
  node.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

// ---- Value

bool Value::as_bool(bool fallback) const {
  const bool* value = std::get_if<bool>(&data_);
  return value == nullptr ? fallback : *value;
}

std::int64_t Value::as_int(std::int64_t fallback) const {
  if (const auto* value = std::get_if<std::int64_t>(&data_)) {
    return *value;
  }
  if (const auto* value = std::get_if<double>(&data_)) {
    if (std::trunc(*value) == *value && std::abs(*value) < 9.2e18) {
      return static_cast<std::int64_t>(*value);
    }
  }
  return fallback;
}

double Value::as_double(double fallback) const {
  if (const auto* value = std::get_if<double>(&data_)) {
    return *value;
  }
  const auto* value = std::get_if<std::int64_t>(&data_);
  return value == nullptr ? fallback : static_cast<double>(*value);
}

std::string_view Value::as_string(std::string_view fallback) const {
  const auto* value = std::get_if<std::string>(&data_);
  return value == nullptr ? fallback : std::string_view(*value);
}

const Array& Value::as_array() const {
  static const Array none;
  const auto* value = std::get_if<Array>(&data_);
  return value == nullptr ? none : *value;
}

const Object& Value::as_object() const {
  static const Object none;
  const auto* value = std::get_if<Object>(&data_);
  return value == nullptr ? none : *value;
}

Array& Value::array() {
  return is_array() ? std::get<Array>(data_) : data_.emplace<Array>();
}

Object& Value::object() {
  return is_object() ? std::get<Object>(data_) : data_.emplace<Object>();
}

const Value* Value::find(std::string_view name) const {
  const Object& members = as_object();
  const auto found = std::find_if(
      members.rbegin(), members.rend(), [&](const Member& m) { return m.first == name; });
  return found == members.rend() ? nullptr : &found->second;
}

Value* Value::find(std::string_view name) {
  return const_cast<Value*>(std::as_const(*this).find(name));
}

const Value& Value::operator[](std::string_view name) const {
  static const Value none;
  const Value* found = find(name);
  return found == nullptr ? none : *found;
}

Value& Value::set(std::string_view name, Value value) {
  if (Value* found = find(name); found != nullptr) {
    *found = std::move(value);
    return *found;
  }
  return object().emplace_back(std::string(name), std::move(value)).second;
}

bool Value::erase(std::string_view name) {
  return is_object() &&
         std::erase_if(object(), [&](const Member& m) { return m.first == name; }) > 0;
}

Result<Value> parse(std::string_view text) {
  rapidjson::Document document;
  if (auto parsed = parse_document(text, Numbers::json_only, document); !parsed) {
    return fail(std::move(parsed.error()));
  }
  return to_value(document);
}

std::string to_text(const Value& value) {
  Writer writer;
  writer.value(value);
  return writer.take();
}

// ---- Writer

struct Writer::Impl {
  rapidjson::StringBuffer buffer;
  RapidWriter writer{buffer};
};

Writer::Writer() : impl_(std::make_unique<Impl>()) {}

Writer::~Writer() = default;
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;

Writer& Writer::begin_object() {
  impl_->writer.StartObject();
  return *this;
}

Writer& Writer::end_object() {
  impl_->writer.EndObject();
  return *this;
}

Writer& Writer::begin_array() {
  impl_->writer.StartArray();
  return *this;
}

Writer& Writer::end_array() {
  impl_->writer.EndArray();
  return *this;
}

Writer& Writer::key(std::string_view name) {
  impl_->writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  return *this;
}

Writer& Writer::string(std::string_view value) {
  const char* data = value.data() == nullptr ? "" : value.data();
  impl_->writer.String(data, static_cast<rapidjson::SizeType>(value.size()));
  return *this;
}

Writer& Writer::integer(std::int64_t value) {
  impl_->writer.Int64(value);
  return *this;
}

Writer& Writer::unsigned_integer(std::uint64_t value) {
  impl_->writer.Uint64(value);
  return *this;
}

Writer& Writer::number(double value) {
  if (std::isfinite(value)) {
    impl_->writer.Double(value);
    return *this;
  }
  return raw(std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
}

Writer& Writer::number_short(double value) {
  if (std::trunc(value) == value && std::abs(value) < 9e15) {
    return integer(static_cast<std::int64_t>(value));
  }
  return number(value);
}

Writer& Writer::boolean(bool value) {
  impl_->writer.Bool(value);
  return *this;
}

Writer& Writer::null() {
  impl_->writer.Null();
  return *this;
}

Writer& Writer::raw(std::string_view json) {
  impl_->writer.RawValue(json.data(), json.size(), rapidjson::kNumberType);
  return *this;
}

Writer& Writer::value(const Value& value) {
  if (value.is_null()) {
    return null();
  }
  if (value.is_bool()) {
    return boolean(value.as_bool());
  }
  if (value.is_int()) {
    return integer(value.as_int());
  }
  if (value.is_double()) {
    return number(value.as_double());
  }
  if (value.is_string()) {
    return string(value.as_string());
  }
  if (value.is_array()) {
    begin_array();
    for (const Value& element : value.as_array()) {
      this->value(element);
    }
    return end_array();
  }
  begin_object();
  for (const auto& [name, member] : value.as_object()) {
    key(name).value(member);
  }
  return end_object();
}

std::string Writer::take() {
  std::string text(impl_->buffer.GetString(), impl_->buffer.GetSize());
  impl_->buffer.Clear();
  impl_->writer.Reset(impl_->buffer);
  return text;
}

std::size_t Writer::size() const {
  return impl_->buffer.GetSize();
}

}  // namespace ekiden::json
