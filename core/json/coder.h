#pragma once

#include "core/base/id.h"
#include "core/json/json.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <rapidjson/document.h>

// How single values look on the wire; codec.h builds tables of them.
namespace ekiden::json {

using Node = rapidjson::Value;

inline constexpr std::size_t kProblemsMax = 1000;  // of one document; the rest is not reported

enum class Missing { undefined_on_object, path_missing };  // which text [marathon-api 1.9]

// What a decode carries along: the dialect, where it is, what is wrong so far.
class Reader {
 public:
  explicit Reader(const Dialect& dialect) : dialect_(dialect) {}

  const Dialect& dialect() const { return dialect_; }

  bool lenient() const { return dialect_.scalars == Dialect::Scalars::lenient; }

  bool marathon() const { return dialect_.errors == Dialect::Errors::marathon; }

  // Records a problem at the current path; returns false for `return reader.problem(...)`.
  bool problem(std::string reason);
  bool missing(std::string_view member, const Node& object, Missing how);
  // False and a problem when it is another kind: "string", "number", "boolean", "array", "object".
  bool expected(std::string_view kind);

  bool expect_object(const Node& node) { return node.IsObject() || expected("object"); }

  std::size_t problem_count() const { return problems_.size(); }

  void forget_problems_after(std::size_t count) { problems_.resize(count); }  // union alternatives

  std::vector<Problem> take_problems() { return std::move(problems_); }

  // While it lives, problems are about this member or element.
  class In {
   public:
    In(Reader& reader, std::string_view member) : reader_(reader) {
      reader_.path_.push_back({member, 0});
    }

    In(Reader& reader, std::size_t index) : reader_(reader) {
      reader_.path_.push_back({{}, index});
    }

    ~In() { reader_.path_.pop_back(); }

    In(const In&) = delete;
    In& operator=(const In&) = delete;

   private:
    Reader& reader_;
  };

 private:
  struct Step {
    std::string_view member;  // empty: an element
    std::size_t index;
  };

  std::string path_text() const;

  const Dialect& dialect_;
  std::vector<Step> path_;
  std::vector<Problem> problems_;
};

// Collects the named parts of a schema document while it is written.
using SchemaDefinitions = std::map<std::string, Value>;

template <class T>
struct Schema;  // fields
template <class E>
struct Names;  // table
template <class T>
struct Custom;  // read, write

template <class T>
struct Envelope;  // fields, kTypeNumber, alternatives, body
template <class T>
struct StandIn;  // type, get, from: a table type that looks like T on the wire

template <class T>
concept HasCustom = requires {
  sizeof(Custom<T>);
};

template <class T>
concept HasStandIn = requires {
  sizeof(StandIn<T>);
};

template <class T>
concept HasEnvelope = requires {
  sizeof(Envelope<T>);
};

// ---- the four functions of a table type; instantiated by EKIDEN_JSON_TYPE
template <class T>
bool read_type(const Node& node, Reader& reader, T& out);
template <class T>
void write_type(Writer& writer, const T& value, const Dialect& dialect);
template <class T>
Value schema_type(SchemaDefinitions& definitions);

// ---- how a value looks on the wire; the primary template is for table types
template <class T>
struct Coder {
  static bool read(const Node& node, Reader& reader, T& out) {
    return read_type(node, reader, out);
  }

  static void write(Writer& writer, const T& value, const Dialect& dialect) {
    write_type(writer, value, dialect);
  }

  static Value schema(SchemaDefinitions& definitions) { return schema_type<T>(definitions); }
};

bool read_scalar(const Node& node, Reader& reader, bool& out);
bool read_scalar(const Node& node, Reader& reader, std::int32_t& out);
bool read_scalar(const Node& node, Reader& reader, std::uint32_t& out);
bool read_scalar(const Node& node, Reader& reader, std::int64_t& out);
bool read_scalar(const Node& node, Reader& reader, std::uint64_t& out);
bool read_scalar(const Node& node, Reader& reader, double& out);
bool read_scalar(const Node& node, Reader& reader, std::string& out);
bool read_scalar(const Node& node, Reader& reader, Value& out);

inline void write_scalar(Writer& writer, bool value) {
  writer.boolean(value);
}

inline void write_scalar(Writer& writer, std::int32_t value) {
  writer.integer(value);
}

inline void write_scalar(Writer& writer, std::uint32_t value) {
  writer.integer(value);
}

inline void write_scalar(Writer& writer, std::int64_t value) {
  writer.integer(value);
}

inline void write_scalar(Writer& writer, std::uint64_t value) {
  writer.unsigned_integer(value);
}

inline void write_scalar(Writer& writer, double value) {
  writer.number(value);
}

inline void write_scalar(Writer& writer, const std::string& value) {
  writer.string(value);
}

inline void write_scalar(Writer& writer, const Value& value) {
  writer.value(value);
}

template <class T>
struct ScalarCoder {
  static bool read(const Node& node, Reader& reader, T& out) {
    return read_scalar(node, reader, out);
  }

  static void write(Writer& writer, const T& value, const Dialect&) { write_scalar(writer, value); }

  static Value schema(SchemaDefinitions&) {
    if constexpr (std::is_same_v<T, Value>) {
      return Value(Object{});
    } else {
      constexpr std::string_view type = std::is_same_v<T, bool>          ? "boolean"
                                        : std::is_same_v<T, std::string> ? "string"
                                        : std::is_same_v<T, double>      ? "number"
                                                                         : "integer";
      return Value(Object{{"type", type}});
    }
  }
};

#define EKIDEN_JSON_SCALAR(T) \
  template <>                 \
  struct Coder<T> : ScalarCoder<T> {}
EKIDEN_JSON_SCALAR(bool);
EKIDEN_JSON_SCALAR(std::int32_t);
EKIDEN_JSON_SCALAR(std::uint32_t);
EKIDEN_JSON_SCALAR(std::int64_t);
EKIDEN_JSON_SCALAR(std::uint64_t);
EKIDEN_JSON_SCALAR(double);
EKIDEN_JSON_SCALAR(std::string);
EKIDEN_JSON_SCALAR(Value);
#undef EKIDEN_JSON_SCALAR

bool read_id(const Node& node, Reader& reader, std::string& out);
void write_id(Writer& writer, const std::string& value, const Dialect& dialect);
Value object_schema(Object properties);

// {"value": ...} in the Mesos dialect, a plain string otherwise.
template <class Tag>
struct Coder<Id<Tag>> {
  static bool read(const Node& node, Reader& reader, Id<Tag>& out) {
    return read_id(node, reader, out.value);
  }

  static void write(Writer& writer, const Id<Tag>& id, const Dialect& dialect) {
    write_id(writer, id.value, dialect);
  }

  static Value schema(SchemaDefinitions& definitions) {
    return Coder<std::string>::schema(definitions);
  }
};

bool read_container_id(const Node& node, Reader& reader, std::string& out);
void write_container_id(Writer& writer, std::string_view value, const Dialect& dialect);

// {"value": "child", "parent": {"value": "root"}} in the Mesos dialect, "root.child" otherwise.
template <>
struct Coder<ContainerId> {
  static bool read(const Node& node, Reader& reader, ContainerId& out) {
    return read_container_id(node, reader, out.value);
  }

  static void write(Writer& writer, const ContainerId& id, const Dialect& dialect) {
    write_container_id(writer, id.value, dialect);
  }

  static Value schema(SchemaDefinitions& definitions) {
    return Coder<std::string>::schema(definitions);
  }
};

// Index of the name, or -1. Marathon matches without case.
int find_name(const Node& node, Reader& reader, const std::string_view* names, std::size_t count);

// Tables of enumerations hold pairs, or {value, name, number} where protobuf needs the number.
template <class Row>
concept NumberedRow = requires(const Row& row) {
  row.number;
};

constexpr auto row_value(const auto& row) {
  if constexpr (NumberedRow<std::remove_cvref_t<decltype(row)>>) {
    return row.value;
  } else {
    return row.first;
  }
}

constexpr std::string_view row_name(const auto& row) {
  if constexpr (NumberedRow<std::remove_cvref_t<decltype(row)>>) {
    return row.name;
  } else {
    return row.second;
  }
}

template <class E>
requires std::is_enum_v<E>

struct Coder<E> {
  static constexpr std::size_t kCount = std::size(Names<E>::table);

  static constexpr std::array<std::string_view, kCount> names() {
    std::array<std::string_view, kCount> all;
    for (std::size_t i = 0; i < kCount; ++i) {
      all[i] = row_name(Names<E>::table[i]);
    }
    return all;
  }

  static constexpr std::array<std::string_view, kCount> kNames = names();

  static bool knows(const Node& node, Reader& reader) {
    return find_name(node, reader, kNames.data(), kCount) >= 0;
  }

  static bool read(const Node& node, Reader& reader, E& out) {
    if (!node.IsString()) {
      return reader.expected("string");
    }
    const int index = find_name(node, reader, kNames.data(), kCount);
    if (index < 0) {
      return reader.problem(reader.marathon() ? "error.unknown.enum.literal"
                                              : "unknown name of an enumeration");
    }
    out = row_value(Names<E>::table[static_cast<std::size_t>(index)]);
    return true;
  }

  static std::string_view name(E value) {
    for (const auto& row : Names<E>::table) {
      if (row_value(row) == value) {
        return row_name(row);
      }
    }
    return {};
  }

  static void write(Writer& writer, const E& value, const Dialect&) { writer.string(name(value)); }

  static Value schema(SchemaDefinitions&) {
    Array all;
    for (const auto& text : kNames) {
      all.emplace_back(text);
    }
    return Value(Object{{"type", "string"}, {"enum", std::move(all)}});
  }
};

template <class T, class C = Coder<T>>
struct ListCoder {
  static bool read(const Node& node, Reader& reader, std::vector<T>& out) {
    out.clear();
    if (!node.IsArray()) {
      if (!reader.lenient()) {
        return reader.expected("array");
      }
      return C::read(node, reader, out.emplace_back());
    }
    out.reserve(node.Size());
    bool ok = true;
    for (rapidjson::SizeType i = 0; i < node.Size(); ++i) {
      const Reader::In in(reader, std::size_t{i});
      T element{};
      ok = C::read(node[i], reader, element) && ok;
      out.push_back(std::move(element));
    }
    return ok;
  }

  static void write(Writer& writer, const std::vector<T>& list, const Dialect& dialect) {
    writer.begin_array();
    for (const T& element : list) {
      C::write(writer, element, dialect);
    }
    writer.end_array();
  }

  static Value schema(SchemaDefinitions& definitions) {
    return Value(Object{{"type", "array"}, {"items", C::schema(definitions)}});
  }
};

template <class T>
struct Coder<std::vector<T>> : ListCoder<T> {};

template <class T, class C = Coder<T>>
struct MapCoder {
  static bool read(const Node& node, Reader& reader, std::map<std::string, T>& out) {
    out.clear();
    if (!reader.expect_object(node)) {
      return false;
    }
    bool ok = true;
    for (const auto& member : node.GetObject()) {
      const std::string_view name(member.name.GetString(), member.name.GetStringLength());
      const Reader::In in(reader, name);
      T element{};
      ok = C::read(member.value, reader, element) && ok;
      out.insert_or_assign(std::string(name), std::move(element));
    }
    return ok;
  }

  static void write(Writer& writer, const std::map<std::string, T>& map, const Dialect& dialect) {
    writer.begin_object();
    for (const auto& [name, element] : map) {
      writer.key(name);
      C::write(writer, element, dialect);
    }
    writer.end_object();
  }

  static Value schema(SchemaDefinitions& definitions) {
    return Value(Object{{"type", "object"}, {"additionalProperties", C::schema(definitions)}});
  }
};

template <class T>
struct Coder<std::map<std::string, T>> : MapCoder<T> {};

// ---- other wire shapes, for .as<...>()

// Raw bytes in memory, standard base64 on the wire.
struct Base64 {
  static bool read(const Node& node, Reader& reader, std::string& out);
  static void write(Writer& writer, const std::string& value, const Dialect& dialect);
  static Value schema(SchemaDefinitions& definitions);
};

// The name of an enumeration's value, any text in JSON; in protobuf its number in the table, and
// nothing where the table has no such name.
template <const auto& kTable>
struct EnumText : ScalarCoder<std::string> {};

// bool in memory, {} on the wire when true; use with .omit_default().
struct Presence {
  static bool read(const Node& node, Reader& reader, bool& out);
  static void write(Writer& writer, const bool& value, const Dialect& dialect);
  static Value schema(SchemaDefinitions& definitions);
};

template <std::size_t N>
struct Text {  // a string literal as a template argument
  char characters[N]{};

  constexpr Text(const char (&text)[N]) {  // NOLINT: implicit on purpose
    for (std::size_t i = 0; i < N; ++i) {
      characters[i] = text[i];
    }
  }

  constexpr std::string_view view() const { return {characters, N - 1}; }
};

const Node* find_member(const Node& object, std::string_view name);  // the last; null: absent

// The value lies one level deeper: Inside<"role"> is {"role": value}. An absent inner member leaves
// the default. In protobuf the inner member has the number 1.
template <Text kName, class T, class C = Coder<T>>
struct InsideCoder {
  static bool absent(const Node& node) {
    return node.IsObject() && find_member(node, kName.view()) == nullptr;
  }

  static bool read(const Node& node, Reader& reader, T& out) {
    if (!reader.expect_object(node)) {
      return false;
    }
    const Node* inner = find_member(node, kName.view());
    if (inner == nullptr) {
      return true;
    }
    const Reader::In in(reader, kName.view());
    return C::read(*inner, reader, out);
  }

  static void write(Writer& writer, const T& value, const Dialect& dialect) {
    writer.begin_object().key(kName.view());
    C::write(writer, value, dialect);
    writer.end_object();
  }

  static Value schema(SchemaDefinitions& definitions) {
    return object_schema({{std::string(kName.view()), C::schema(definitions)}});
  }
};

}  // namespace ekiden::json
