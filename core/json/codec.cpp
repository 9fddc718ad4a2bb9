#include "core/json/codec.h"

#include "core/base/strings.h"
#include "core/json/document.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/core.h>

namespace ekiden::json {
namespace {

std::string_view text_of(const Node& node) {
  return {node.GetString(), node.GetStringLength()};
}

bool wrong_integer(Reader& reader, std::string_view marathon_kind) {
  return reader.problem(reader.marathon() ? fmt::format("error.expected.{}", marathon_kind)
                                          : "not an integer of its range");
}

// The value as a number of the widest kind; nothing when it is not a whole one.
std::optional<std::int64_t> whole(const Node& node) {
  if (node.IsInt64()) {
    return node.GetInt64();
  }
  if (node.IsDouble()) {
    const double d = node.GetDouble();
    if (std::trunc(d) == d && std::abs(d) < 9.2e18) {
      return static_cast<std::int64_t>(d);
    }
  }
  return std::nullopt;
}

template <class N>
bool read_integer(const Node& node, Reader& reader, N& out) {
  const std::string_view kind = sizeof(N) <= 4 ? "int" : "long";
  if (node.IsString() && reader.lenient()) {
    const auto parsed = parse_int(text_of(node));
    if (!parsed || !std::in_range<N>(*parsed)) {
      return wrong_integer(reader, kind);
    }
    out = static_cast<N>(*parsed);
    return true;
  }
  if (!node.IsNumber()) {
    return reader.expected("number");
  }
  if constexpr (std::is_same_v<N, std::uint64_t>) {
    if (node.IsUint64()) {
      out = node.GetUint64();
      return true;
    }
  }
  const auto value = whole(node);
  if (!value || !std::in_range<N>(*value)) {
    return wrong_integer(reader, kind);
  }
  out = static_cast<N>(*value);
  return true;
}

}  // namespace

const Dialect kMarathon{};
const Dialect kMesos{Dialect::Errors::mesos,
                     Dialect::Lists::omit_empty,
                     Dialect::Scalars::lenient,
                     Dialect::Unknown::ignore};
const Dialect kRecord{Dialect::Errors::mesos,
                      Dialect::Lists::omit_empty,
                      Dialect::Scalars::exact,
                      Dialect::Unknown::ignore};

std::string Reader::path_text() const {
  std::string text;
  for (const Step& step : path_) {
    if (step.member.data() == nullptr) {
      text += marathon() ? fmt::format("({})", step.index) : fmt::format("[{}]", step.index);
    } else if (marathon()) {
      text += '/';
      text += step.member;
    } else {
      text += text.empty() ? "" : ".";
      text += step.member;
    }
  }
  return text;
}

bool Reader::problem(std::string reason) {
  if (problems_.size() < kProblemsMax) {
    problems_.push_back({path_text(), std::move(reason)});
  }
  return false;
}

bool Reader::missing(std::string_view member, const Node& object, Missing how) {
  const In in(*this, member);
  if (!marathon()) {
    return problem("required field is missing");
  }
  if (how == Missing::path_missing) {
    return problem("error.path.missing");
  }
  return problem(fmt::format("'{}' is undefined on object: {}", member, to_text(object)));
}

bool Reader::expected(std::string_view kind) {
  return problem(marathon() ? fmt::format("error.expected.js{}", kind)
                            : fmt::format("expected a JSON {}", kind));
}

const Node* find_member(const Node& object, std::string_view name) {
  const Node* found = nullptr;
  for (const auto& member : object.GetObject()) {
    if (text_of(member.name) == name) {
      found = &member.value;
    }
  }
  return found == nullptr || found->IsNull() ? nullptr : found;
}

int find_name(const Node& node, Reader& reader, const std::string_view* names, std::size_t count) {
  const std::string_view text = text_of(node);
  for (std::size_t i = 0; i < count; ++i) {
    if (names[i] == text || (reader.marathon() && iequals(names[i], text))) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

bool read_id(const Node& node, Reader& reader, std::string& out) {
  if (!reader.lenient()) {
    return Coder<std::string>::read(node, reader, out);
  }
  if (!reader.expect_object(node)) {
    return false;
  }
  const Node* value = find_member(node, "value");
  if (value == nullptr) {
    return reader.missing("value", node, Missing::undefined_on_object);
  }
  const Reader::In in(reader, "value");
  return Coder<std::string>::read(*value, reader, out);
}

void write_id(Writer& writer, const std::string& value, const Dialect& dialect) {
  if (dialect.scalars == Dialect::Scalars::lenient) {
    writer.begin_object().member("value", value).end_object();
  } else {
    writer.string(value);
  }
}

bool read_container_id(const Node& node, Reader& reader, std::string& out) {
  if (!read_id(node, reader, out)) {
    return false;
  }
  if (!reader.lenient()) {
    return true;
  }
  if (out.find('.') != std::string::npos) {
    return reader.problem("a container's id must not have a '.'");
  }
  const Node* parent = find_member(node, "parent");
  if (parent == nullptr || parent->IsNull()) {
    return true;
  }
  const Reader::In in(reader, "parent");
  std::string above;
  if (!read_container_id(*parent, reader, above)) {
    return false;
  }
  out = above + "." + out;
  return true;
}

void write_container_id(Writer& writer, std::string_view value, const Dialect& dialect) {
  const std::size_t dot = value.rfind('.');
  if (dialect.scalars != Dialect::Scalars::lenient || dot == std::string_view::npos) {
    write_id(writer, std::string(value), dialect);
    return;
  }
  writer.begin_object().member("value", value.substr(dot + 1)).key("parent");
  write_container_id(writer, value.substr(0, dot), dialect);
  writer.end_object();
}

Value object_schema(Object properties) {
  return Value(Object{{"type", "object"}, {"properties", std::move(properties)}});
}

// ---- scalars

bool read_scalar(const Node& node, Reader& reader, bool& out) {
  if (node.IsString() && reader.lenient()) {
    const std::string_view text = text_of(node);
    if (text == "true" || text == "false") {
      out = text == "true";
      return true;
    }
  }
  if (!node.IsBool()) {
    return reader.expected("boolean");
  }
  out = node.GetBool();
  return true;
}

bool read_scalar(const Node& node, Reader& reader, std::int32_t& out) {
  return read_integer(node, reader, out);
}

bool read_scalar(const Node& node, Reader& reader, std::uint32_t& out) {
  return read_integer(node, reader, out);
}

bool read_scalar(const Node& node, Reader& reader, std::int64_t& out) {
  return read_integer(node, reader, out);
}

bool read_scalar(const Node& node, Reader& reader, std::uint64_t& out) {
  return read_integer(node, reader, out);
}

bool read_scalar(const Node& node, Reader& reader, double& out) {
  if (node.IsString() && reader.lenient()) {
    const std::string_view text = text_of(node);
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const auto parsed = text == "Infinity"    ? std::optional<double>(kInfinity)
                        : text == "-Infinity" ? std::optional<double>(-kInfinity)
                                              : parse_double(text);
    if (!parsed) {
      return reader.expected("number");
    }
    out = *parsed;
    return true;
  }
  if (!node.IsNumber() || (reader.lenient() && std::isnan(node.GetDouble()))) {
    return reader.expected("number");
  }
  out = node.GetDouble();
  return true;
}

bool read_scalar(const Node& node, Reader& reader, std::string& out) {
  if (!node.IsString()) {
    return reader.expected("string");
  }
  out.assign(node.GetString(), node.GetStringLength());
  return true;
}

bool read_scalar(const Node& node, Reader&, Value& out) {
  out = to_value(node);
  return true;
}

bool Base64::read(const Node& node, Reader& reader, std::string& out) {
  if (!node.IsString()) {
    return reader.expected("string");
  }
  auto bytes = base64_decode(text_of(node));
  if (!bytes) {
    return reader.problem("not valid base64");
  }
  out = std::move(*bytes);
  return true;
}

void Base64::write(Writer& writer, const std::string& value, const Dialect&) {
  writer.string(base64_encode(value));
}

Value Base64::schema(SchemaDefinitions&) {
  return Value(Object{{"type", "string"}, {"contentEncoding", "base64"}});
}

bool Presence::read(const Node& node, Reader& reader, bool& out) {
  if (!reader.expect_object(node)) {
    return false;
  }
  out = true;
  return true;
}

void Presence::write(Writer& writer, const bool&, const Dialect&) {
  writer.begin_object().end_object();
}

Value Presence::schema(SchemaDefinitions&) {
  return object_schema({});
}

Result<void> read_document(std::string_view text,
                           const Dialect& dialect,
                           ReadRoot read,
                           void* out) {
  rapidjson::Document document;
  const auto numbers =
      dialect.errors == Dialect::Errors::marathon ? Numbers::json_only : Numbers::with_infinity;
  if (auto parsed = parse_document(text, numbers, document); !parsed) {
    return parsed;
  }
  Reader reader(dialect);
  if (read(document, reader, out)) {
    return {};
  }
  Error error{ErrorCode::invalid, "Invalid JSON", reader.take_problems()};
  if (!reader.marathon()) {
    error.message = "cannot read the message";
    for (const Problem& problem : error.problems) {
      error.message += &problem == &error.problems.front() ? ": " : "; ";
      error.message += problem.path.empty() ? problem.reason : problem.path + ": " + problem.reason;
    }
  }
  return fail(std::move(error));
}

std::string finish_schema(Value root, SchemaDefinitions definitions) {
  Object all;
  for (auto& [name, definition] : definitions) {
    all.emplace_back(name, std::move(definition));
  }
  Value document(Object{{"$schema", "http://json-schema.org/draft-07/schema#"}});
  for (auto& [name, value] : root.object()) {
    document.set(name, std::move(value));
  }
  document.set("definitions", std::move(all));
  return to_text(document);
}

}  // namespace ekiden::json
