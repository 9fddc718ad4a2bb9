#pragma once

#include "core/json/coder.h"
#include "core/json/field.h"
#include "core/json/json.h"

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

// Tables that drive decode, encode, changed and schema_document. Only table .cpp files include
// this.
//
//   template <> struct Names<Color> {
//     static constexpr std::pair<Color, std::string_view> table[] = {{Color::red, "RED"}};
//   };
//   template <> struct Schema<Lamp> {
//     static constexpr auto fields = std::tuple{
//         // 1: the protobuf number; of Mesos types only
//         field(1, "color", &Lamp::color).required(),
//         // the default is the member initialiser
//         field("watts", &Lamp::watts).check(at_least<0>),
//         // another wire shape for the value
//         field("uuid", &Lamp::uuid).as<Base64>()};
//   };
//   EKIDEN_JSON_TYPE(Lamp)   // at global scope, once
//   EKIDEN_JSON_EXTERN(Lamp) // where others nest it
//
// Instead of Schema<T>: StandIn<T> for a type that looks like another table type, Envelope<T> for
// a union with members beside it, Custom<T> for what is no table at all (JSON only):
//   static bool read(const Node&, Reader&, T&);
//   static void write(Writer&, const T&, const Dialect&);
namespace ekiden::json {

// ---- a table with its types erased, so that the loops below are small
template <class T>
struct Entry {
  std::string_view name;
  bool required;
  bool output_only;
  Missing missing;
  bool (*read)(const Node&, Reader&, T&);
  bool (*present)(const T&, const Dialect&);
  void (*write)(Writer&, const T&, const Dialect&);
  bool (*equal)(const T&, const T&);
  Value (*schema)(SchemaDefinitions&);
};

template <class M>
concept Sized = requires(const M& m) {
  m.empty();
};

template <class T, std::size_t I, class S = Schema<T>>
struct FieldAt {
  static constexpr auto f = std::get<I>(S::fields);

  template <class M, class C>
  static bool read_as(const Field<T, M, C>&, const Node& node, Reader& reader, T& out) {
    if constexpr (std::is_enum_v<Inner<M>>) {
      if (!f.is_required && reader.lenient() && node.IsString() &&
          !Coder<Inner<M>>::knows(node, reader)) {
        return true;  // stays unset [mesos-core 1.4]
      }
    }
    if constexpr (requires { C::absent(node); }) {
      if (C::absent(node)) {
        return true;
      }
    }
    Inner<M>* target = nullptr;
    if constexpr (InnerOf<M>::is_optional) {
      target = &(out.*f.member).emplace();
    } else {
      target = &(out.*f.member);
    }
    if (!C::read(node, reader, *target)) {
      return false;
    }
    for (std::size_t i = 0; i < f.check_count; ++i) {
      if (const char* reason = f.checks[i](*target); reason != nullptr) {
        return reader.problem(reason);
      }
    }
    return true;
  }

  template <class M, class C>
  static bool present_as(const Field<T, M, C>&, const T& value, const Dialect& dialect) {
    const M& member = value.*f.member;
    if (f.is_conditional && !f.condition(value)) {
      return false;
    }
    if constexpr (InnerOf<M>::is_optional) {
      return member.has_value();
    } else {
      if (f.omit == Omit::default_value) {
        static const M initial = T{}.*f.member;
        return !(member == initial);
      }
      if constexpr (Sized<M>) {
        constexpr bool is_list = !std::is_same_v<M, std::string>;
        const bool omit_list = is_list && !f.is_required && !f.is_always_written &&
                               dialect.lists == Dialect::Lists::omit_empty;
        return !member.empty() || !(f.omit == Omit::empty || omit_list);
      }
      return true;
    }
  }

  template <class M, class C>
  static void write_as(const Field<T, M, C>&, Writer& writer, const T& value, const Dialect& d) {
    if constexpr (InnerOf<M>::is_optional) {
      C::write(writer, *(value.*f.member), d);
    } else {
      C::write(writer, value.*f.member, d);
    }
  }

  template <class M, class C>
  static Value schema_as(const Field<T, M, C>&, SchemaDefinitions& definitions) {
    if constexpr (requires { C::schema(definitions); }) {
      return C::schema(definitions);
    } else {
      return Value(Object{});
    }
  }

  template <class P, class C>
  static bool read_as(const Via<T, P, C>&, const Node& node, Reader& reader, T& out) {
    P part{};
    if (!C::read(node, reader, part)) {
      return false;
    }
    f.set(out, std::move(part));
    return true;
  }

  template <class P, class C>
  static bool present_as(const Via<T, P, C>&, const T& value, const Dialect&) {
    return f.present(value);
  }

  template <class P, class C>
  static void write_as(const Via<T, P, C>&, Writer& writer, const T& value, const Dialect& d) {
    C::write(writer, f.get(value), d);
  }

  template <class P, class C>
  static Value schema_as(const Via<T, P, C>&, SchemaDefinitions& definitions) {
    return C::schema(definitions);
  }

  static bool read_as(const Hook<T>&, const Node& node, Reader& reader, T& out) {
    return f.read_hook(node, reader, out);
  }

  static bool present_as(const Hook<T>&, const T& value, const Dialect&) {
    return f.present_hook(value);
  }

  static void write_as(const Hook<T>&, Writer& writer, const T& value, const Dialect& dialect) {
    f.write_hook(writer, value, dialect);
  }

  static Value schema_as(const Hook<T>&, SchemaDefinitions&) { return Value(Object{}); }

  static bool read(const Node& node, Reader& reader, T& out) {
    return read_as(f, node, reader, out);
  }

  static bool present(const T& value, const Dialect& dialect) {
    return present_as(f, value, dialect);
  }

  static void write(Writer& writer, const T& value, const Dialect& dialect) {
    write_as(f, writer, value, dialect);
  }

  static bool equal(const T& a, const T& b) {
    if constexpr (requires { f.member; }) {
      return a.*f.member == b.*f.member;
    } else if constexpr (requires { f.get; }) {
      return f.present(a) == f.present(b) && (!f.present(a) || f.get(a) == f.get(b));
    } else {
      Writer wa;
      Writer wb;
      f.write_hook(wa, a, kRecord);
      f.write_hook(wb, b, kRecord);
      return wa.take() == wb.take();
    }
  }

  static Value schema(SchemaDefinitions& definitions) { return schema_as(f, definitions); }

  static constexpr Entry<T> entry() {
    return {
        f.name, f.is_required, f.is_output_only, f.missing, read, present, write, equal, schema};
  }
};

template <class T, std::size_t... I>
constexpr std::array<Entry<T>, sizeof...(I)> make_entries(std::index_sequence<I...>) {
  return {FieldAt<T, I>::entry()...};
}

template <class T>
struct Table {
  static constexpr std::size_t kCount =
      std::tuple_size_v<std::remove_cvref_t<decltype(Schema<T>::fields)>>;
  static_assert(kCount <= 64, "a table has at most 64 fields");
  static constexpr std::array<Entry<T>, kCount> entries =
      make_entries<T>(std::make_index_sequence<kCount>{});
};

// Members come mostly in table order, so the search starts after the one found last.
template <class T>
std::size_t find_entry(std::string_view name, std::size_t from) {
  constexpr std::size_t n = Table<T>::kCount;
  for (std::size_t k = 0; k < n; ++k) {
    const std::size_t i = from + k < n ? from + k : from + k - n;
    if (Table<T>::entries[i].name == name) {
      return i;
    }
  }
  return n;
}

template <class T>
bool read_table(const Node& node, Reader& reader, T& out) {
  if (!reader.expect_object(node)) {
    return false;
  }
  bool ok = true;
  std::uint64_t seen = 0;
  std::size_t next = 0;
  for (const auto& member : node.GetObject()) {
    const std::string_view name(member.name.GetString(), member.name.GetStringLength());
    const Reader::In in(reader, name);
    const std::size_t i = find_entry<T>(name, next);
    if (i == Table<T>::kCount) {
      if (reader.dialect().unknown == Dialect::Unknown::reject) {
        ok = reader.problem("unknown member");
      }
      continue;
    }
    next = i + 1;
    const auto& entry = Table<T>::entries[i];
    if (entry.output_only || (member.value.IsNull() && !(entry.required && reader.marathon()))) {
      continue;
    }
    seen |= std::uint64_t{1} << i;
    ok = entry.read(member.value, reader, out) && ok;
  }
  for (std::size_t i = 0; i < Table<T>::kCount; ++i) {
    const auto& entry = Table<T>::entries[i];
    if (entry.required && (seen >> i & 1) == 0) {
      ok = reader.missing(entry.name, node, entry.missing);
    }
  }
  return ok;
}

// The members of a table without the braces: for Custom types that add their own.
template <class T>
void write_members(Writer& writer, const T& value, const Dialect& dialect) {
  for (const auto& entry : Table<T>::entries) {
    if (entry.present(value, dialect)) {
      writer.key(entry.name);
      entry.write(writer, value, dialect);
    }
  }
}

template <class T>
bool read_envelope(const Node& node, Reader& reader, T& out);
template <class T>
void write_envelope(Writer& writer, const T& value, const Dialect& dialect);

template <class T>
bool read_type(const Node& node, Reader& reader, T& out) {
  if constexpr (HasCustom<T>) {
    return Custom<T>::read(node, reader, out);
  } else if constexpr (HasStandIn<T>) {
    typename StandIn<T>::type value{};
    const bool ok = read_table(node, reader, value);
    out = ok ? StandIn<T>::from(value) : T{};
    return ok;
  } else if constexpr (HasEnvelope<T>) {
    return read_envelope(node, reader, out);
  } else {
    return read_table(node, reader, out);
  }
}

template <class T>
void write_type(Writer& writer, const T& value, const Dialect& dialect) {
  if constexpr (HasCustom<T>) {
    Custom<T>::write(writer, value, dialect);
  } else if constexpr (HasStandIn<T>) {
    write_type(writer, StandIn<T>::get(value), dialect);
  } else if constexpr (HasEnvelope<T>) {
    write_envelope(writer, value, dialect);
  } else {
    writer.begin_object();
    write_members(writer, value, dialect);
    writer.end_object();
  }
}

// "ekiden::model::Label" from the compiler's spelling of this function.
template <class T>
std::string type_name() {
  const std::string_view text = __PRETTY_FUNCTION__;
  const auto begin = text.find("T = ") + 4;
  return std::string(text.substr(begin, text.find_first_of(";]", begin) - begin));
}

template <class T>
Value schema_type(SchemaDefinitions& definitions) {
  if constexpr (requires { Custom<T>::schema(definitions); }) {
    return Custom<T>::schema(definitions);
  } else if constexpr (HasStandIn<T>) {
    return schema_type<typename StandIn<T>::type>(definitions);
  } else if constexpr (HasCustom<T> || HasEnvelope<T>) {
    return Value(Object{});
  } else {
    const std::string name = type_name<T>();
    const Value reference(Object{{"$ref", "#/definitions/" + name}});
    if (!definitions.emplace(name, Value()).second) {
      return reference;
    }
    Object properties;
    Array required;
    for (const auto& entry : Table<T>::entries) {
      Value property = entry.schema(definitions);
      if (entry.output_only) {
        property.set("readOnly", true);
      }
      properties.emplace_back(entry.name, std::move(property));
      if (entry.required) {
        required.emplace_back(entry.name);
      }
    }
    Value whole = object_schema(std::move(properties));
    if (!required.empty()) {
      whole.set("required", std::move(required));
    }
    definitions[name] = std::move(whole);
    return reference;
  }
}

// ---- unions: {"type": "LAUNCH", "launch": {...}}; the variant's alternatives in order
enum class Body { required, optional, none };

struct Alternative {
  std::string_view type;
  std::string_view member;
  Body body = Body::required;
  int type_number = 0;    // protobuf value of the type
  int member_number = 0;  // protobuf number of the member
};

template <std::size_t I, class V>
bool read_alternative(const Node& node, Reader& reader, const Alternative& alternative, V& out) {
  auto& body = out.template emplace<I>();
  const Node* member =
      alternative.body == Body::none ? nullptr : find_member(node, alternative.member);
  if (member == nullptr) {
    return alternative.body != Body::required ||
           reader.missing(alternative.member, node, Missing::undefined_on_object);
  }
  const Reader::In in(reader, alternative.member);
  return Coder<std::variant_alternative_t<I, V>>::read(*member, reader, body);
}

template <class V, std::size_t... I>
bool read_union_at(const Node& node,
                   Reader& reader,
                   const Alternative* alternatives,
                   V& out,
                   std::index_sequence<I...>) {
  const Node* type = find_member(node, "type");
  if (type == nullptr || !type->IsString()) {
    return reader.missing("type", node, Missing::undefined_on_object);
  }
  const std::string_view text(type->GetString(), type->GetStringLength());
  bool ok = false;
  const bool known = ((text == alternatives[I].type &&
                       (ok = read_alternative<I>(node, reader, alternatives[I], out), true)) ||
                      ...);
  if (!known) {
    const Reader::In in(reader, "type");
    return reader.problem("unknown type '" + std::string(text) + "'");
  }
  return ok;
}

template <class V, std::size_t N>
bool read_union(const Node& node, Reader& reader, const Alternative (&alternatives)[N], V& out) {
  static_assert(N == std::variant_size_v<V>);
  return reader.expect_object(node) &&
         read_union_at(node, reader, alternatives, out, std::make_index_sequence<N>{});
}

// Writes the "type" member and the body's member into the object that is open.
template <class V, std::size_t N>
void write_union(Writer& writer,
                 const V& value,
                 const Alternative (&alternatives)[N],
                 const Dialect& dialect) {
  static_assert(N == std::variant_size_v<V>);
  const Alternative& alternative = alternatives[value.index()];
  writer.member("type", alternative.type);
  if (alternative.body == Body::none) {
    return;
  }
  writer.key(alternative.member);
  std::visit(
      [&](const auto& body) {
        Coder<std::remove_cvref_t<decltype(body)>>::write(writer, body, dialect);
      },
      value);
}

// A message of a union and a few members beside it:
//   template <> struct Envelope<Call> {
//     static constexpr auto fields = std::tuple{field(1, "framework_id", &Call::framework_id)};
//     static constexpr int kTypeNumber = 2;  // protobuf number of "type"
//     static constexpr const auto& alternatives = kCalls;
//     static auto& body(auto& call) { return call.body; }
//   };
template <class T, class V, std::size_t I = 0>
bool read_beside(const Node& node, Reader& reader, V& out) {
  if constexpr (I == std::tuple_size_v<std::remove_cvref_t<decltype(Envelope<T>::fields)>>) {
    return true;
  } else {
    using At = FieldAt<T, I, Envelope<T>>;
    bool ok = true;
    if (const Node* member = find_member(node, At::f.name); member != nullptr) {
      const Reader::In in(reader, At::f.name);
      ok = At::read(*member, reader, out);
    } else if (At::f.is_required) {
      ok = reader.missing(At::f.name, node, At::f.missing);
    }
    return read_beside<T, V, I + 1>(node, reader, out) && ok;
  }
}

template <class T>
bool read_envelope(const Node& node, Reader& reader, T& out) {
  if (!reader.expect_object(node)) {
    return false;
  }
  const bool ok = read_beside<T>(node, reader, out);
  return read_union(node, reader, Envelope<T>::alternatives, Envelope<T>::body(out)) && ok;
}

template <class T>
void write_envelope(Writer& writer, const T& value, const Dialect& dialect) {
  writer.begin_object();
  const auto write_beside = [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((FieldAt<T, I, Envelope<T>>::present(value, dialect)
          ? (writer.key(FieldAt<T, I, Envelope<T>>::f.name),
             FieldAt<T, I, Envelope<T>>::write(writer, value, dialect))
          : void()),
     ...);
  };
  using Fields = std::remove_cvref_t<decltype(Envelope<T>::fields)>;
  write_beside(std::make_index_sequence<std::tuple_size_v<Fields>>{});
  write_union(writer, Envelope<T>::body(value), Envelope<T>::alternatives, dialect);
  writer.end_object();
}

// ---- documents
using ReadRoot = bool (*)(const Node&, Reader&, void*);
Result<void> read_document(std::string_view text, const Dialect& dialect, ReadRoot read, void* out);
std::string finish_schema(Value root, SchemaDefinitions definitions);

template <class T>
Result<T> decode(std::string_view text, const Dialect& dialect) {
  T out{};
  const auto read = [](const Node& node, Reader& reader, void* target) {
    return Coder<T>::read(node, reader, *static_cast<T*>(target));
  };
  if (auto done = read_document(text, dialect, read, &out); !done) {
    return fail(std::move(done.error()));
  }
  return out;
}

template <class T, std::same_as<Value> V>
Result<T> decode(const V& value, const Dialect& dialect) {
  return decode<T>(std::string_view(to_text(value)), dialect);
}

template <class T>
void encode(Writer& writer, const T& value, const Dialect& dialect) {
  Coder<T>::write(writer, value, dialect);
}

template <class T>
std::string encode(const T& value, const Dialect& dialect) {
  Writer writer;
  Coder<T>::write(writer, value, dialect);
  return writer.take();
}

template <class T>
std::vector<std::string_view> changed(const T& a, const T& b) {
  std::vector<std::string_view> names;
  if constexpr (!HasCustom<T> && !HasStandIn<T> && !HasEnvelope<T>) {
    for (const auto& entry : Table<T>::entries) {
      if (!entry.equal(a, b)) {
        names.push_back(entry.name);
      }
    }
  }
  return names;
}

template <class T>
std::string schema_document() {
  SchemaDefinitions definitions;
  Value root = schema_type<T>(definitions);
  return finish_schema(std::move(root), std::move(definitions));
}

}  // namespace ekiden::json

// Instantiates everything that json.h declares, and what other tables need to nest the type.
#define EKIDEN_JSON_EACH(kind, T)                                                             \
  kind bool ekiden::json::read_type<T>(const ekiden::json::Node&, ekiden::json::Reader&, T&); \
  kind void ekiden::json::write_type<T>(                                                      \
      ekiden::json::Writer&, const T&, const ekiden::json::Dialect&);                         \
  kind ekiden::json::Value ekiden::json::schema_type<T>(ekiden::json::SchemaDefinitions&);

#define EKIDEN_JSON_EXTERN(T) EKIDEN_JSON_EACH(extern template, T)

#define EKIDEN_JSON_TYPE(T)                                                             \
  EKIDEN_JSON_EACH(template, T)                                                         \
  template ekiden::Result<T> ekiden::json::decode<T>(std::string_view,                  \
                                                     const ekiden::json::Dialect&);     \
  template ekiden::Result<T> ekiden::json::decode<T, ekiden::json::Value>(              \
      const ekiden::json::Value&, const ekiden::json::Dialect&);                        \
  template std::string ekiden::json::encode<T>(const T&, const ekiden::json::Dialect&); \
  template void ekiden::json::encode<T>(                                                \
      ekiden::json::Writer&, const T&, const ekiden::json::Dialect&);                   \
  template std::vector<std::string_view> ekiden::json::changed<T>(const T&, const T&);  \
  template std::string ekiden::json::schema_document<T>();
