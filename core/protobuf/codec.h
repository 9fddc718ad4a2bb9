#pragma once

#include "core/json/codec.h"
#include "core/protobuf/protobuf.h"
#include "core/protobuf/shape.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

// Messages out of the tables of core/json/codec.h: the field numbers there are the ones written
// here. Included by table .cpp files only. Two deviations from proto2: a message that comes in two
// pieces must have its required fields in each of them, and text must be UTF-8.
namespace ekiden::protobuf {

enum class Occurrence { first, later };

// ---- a table with its types erased
template <class T>
struct Entry {
  int number = 0;
  std::string_view name;
  bool required = false;
  Got (*read)(Reader&, WireType, T&, Occurrence) = nullptr;
  void (*write)(Writer&, const T&) = nullptr;
};

template <class T, std::size_t I, class S>
struct FieldAt {
  static constexpr auto f = std::get<I>(S::fields);
  static_assert(f.number > 0, "a field of a protobuf message needs its number");

  template <class M, class C>
  static Got read_as(const json::Field<T, M, C>&, Reader& reader, WireType type, T& out) {
    M& member = out.*f.member;
    if constexpr (json::InnerOf<M>::is_optional) {
      json::Inner<M> fresh{};
      const Got got = Shape<C>::read(reader, type, member ? *member : fresh);
      if (got == Got::value && !member) {
        member = std::move(fresh);
      }
      return got;
    } else {
      return Shape<C>::read(reader, type, member);
    }
  }

  template <class M, class C>
  static void write_as(const json::Field<T, M, C>&, Writer& writer, const T& value) {
    if constexpr (json::InnerOf<M>::is_optional) {
      Shape<C>::write(writer, f.number, *(value.*f.member));
    } else {
      Shape<C>::write(writer, f.number, value.*f.member);
    }
  }

  template <class P, class C>
  static Got read_as(const json::Via<T, P, C>&, Reader& reader, WireType type, T& out) {
    P part{};
    const Got got = Shape<C>::read(reader, type, part);
    if (got == Got::value) {
      f.set(out, std::move(part));
    }
    return got;
  }

  template <class P, class C>
  static void write_as(const json::Via<T, P, C>&, Writer& writer, const T& value) {
    Shape<C>::write(writer, f.number, f.get(value));
  }

  static Got read(Reader& reader, WireType type, T& out, Occurrence occurrence) {
    if constexpr (requires { f.is_replacing; }) {
      static_assert(f.check_count == 0 && !f.is_output_only, "not for protobuf messages");
      if constexpr (f.is_replacing) {
        if (occurrence == Occurrence::first) {
          (out.*f.member).clear();
        }
      }
    }
    return read_as(f, reader, type, out);
  }

  static void write(Writer& writer, const T& value) {
    if (json::FieldAt<T, I, S>::present(value, json::kMesos)) {
      write_as(f, writer, value);
    }
  }

  static constexpr Entry<T> entry() { return {f.number, f.name, f.is_required, read, write}; }
};

template <class T, class S>
struct Table {
  static constexpr std::size_t kCount = std::tuple_size_v<std::remove_cvref_t<decltype(S::fields)>>;
  static_assert(kCount <= 64, "a table has at most 64 fields");

  template <std::size_t... I>
  static constexpr std::array<Entry<T>, kCount> sorted(std::index_sequence<I...>) {
    std::array<Entry<T>, kCount> all = {FieldAt<T, I, S>::entry()...};
    std::sort(all.begin(), all.end(), [](const Entry<T>& a, const Entry<T>& b) {
      return a.number < b.number;
    });
    return all;
  }

  static constexpr std::array<Entry<T>, kCount> entries =
      sorted(std::make_index_sequence<kCount>{});
};

// Where reading a table has come to.
struct Progress {
  std::uint64_t seen = 0;  // bit per entry
  std::size_t next = 0;    // fields come mostly in order, so the search starts at the last one
};

template <class T, class S>
Got read_field(Reader& reader, Tag tag, T& out, Progress& progress) {
  constexpr std::size_t n = Table<T, S>::kCount;
  for (std::size_t k = 0; k < n; ++k) {
    const std::size_t i = progress.next + k < n ? progress.next + k : progress.next + k - n;
    const auto& entry = Table<T, S>::entries[i];
    if (entry.number != tag.number) {
      continue;
    }
    const Reader::In in(reader, entry.name);
    const std::uint64_t bit = std::uint64_t{1} << i;
    const auto occurrence = (progress.seen & bit) == 0 ? Occurrence::first : Occurrence::later;
    const Got got = entry.read(reader, tag.type, out, occurrence);
    if (got == Got::value || got == Got::nothing) {
      progress.seen |= bit;
    }
    progress.next = i;
    return got;
  }
  return reader.skip();
}

template <class T, class S>
void check_required(Reader& reader, const Progress& progress) {
  for (std::size_t i = 0; i < Table<T, S>::kCount; ++i) {
    const auto& entry = Table<T, S>::entries[i];
    if (entry.required && (progress.seen >> i & 1) == 0) {
      reader.missing(entry.name);
    }
  }
}

template <class T, class S>
void write_fields(Writer& writer, const T& value) {
  for (const auto& entry : Table<T, S>::entries) {
    entry.write(writer, value);
  }
}

// ---- unions
template <class T>
using BodyOf = std::remove_cvref_t<decltype(json::Envelope<T>::body(std::declval<T&>()))>;

// Reads the members beside the union and the body of its alternative I.
template <class T, std::size_t I>
void read_alternative(Reader& reader, T& out) {
  using E = json::Envelope<T>;
  constexpr const json::Alternative& alternative = E::alternatives[I];
  auto& body = E::body(out).template emplace<I>();
  using B = std::remove_cvref_t<decltype(body)>;
  Progress progress;
  bool has_body = alternative.body != json::Body::required;
  for (Tag tag; reader.next(tag);) {
    if (alternative.body != json::Body::none && tag.number == alternative.member_number) {
      const Reader::In in(reader, alternative.member);
      const Got got = Shape<json::Coder<B>>::read(reader, tag.type, body);
      has_body = has_body || got == Got::value;
    } else {
      read_field<T, E>(reader, tag, out, progress);
    }
  }
  check_required<T, E>(reader, progress);
  if (!has_body) {
    reader.missing(alternative.member);
  }
}

// The type is looked for first: it may stand behind the body, and bodies of other types are none
// of ours. Only for whole messages, as unions are.
template <class T, std::size_t... I>
void read_union(Reader& reader, T& out, std::index_sequence<I...>) {
  using E = json::Envelope<T>;
  const std::optional<std::uint64_t> type = reader.find_varint(E::kTypeNumber);
  if (!type) {
    reader.missing("type");
    return;
  }
  const bool known = ((static_cast<std::uint64_t>(E::alternatives[I].type_number) == *type &&
                       (read_alternative<T, I>(reader, out), true)) ||
                      ...);
  if (!known) {
    const Reader::In in(reader, "type");
    reader.problem("unknown type " + std::to_string(*type));
  }
}

template <class T>
void write_union(Writer& writer, const T& value) {
  using E = json::Envelope<T>;
  const auto& body = E::body(value);
  const json::Alternative& alternative = E::alternatives[body.index()];
  write_fields<T, E>(writer, value);
  writer.varint(E::kTypeNumber, static_cast<std::uint64_t>(alternative.type_number));
  if (alternative.body == json::Body::none) {
    return;
  }
  std::visit(
      [&](const auto& message) {
        using B = std::remove_cvref_t<decltype(message)>;
        Shape<json::Coder<B>>::write(writer, alternative.member_number, message);
      },
      body);
}

// ---- messages
template <class T>
void read_body(Reader& reader, T& out) {
  static_assert(!json::HasCustom<T>, "a Custom type has no protobuf form");
  if constexpr (json::HasStandIn<T>) {
    auto value = json::StandIn<T>::get(out);
    read_body(reader, value);
    out = json::StandIn<T>::from(value);
  } else if constexpr (json::HasEnvelope<T>) {
    read_union(reader, out, std::make_index_sequence<std::variant_size_v<BodyOf<T>>>{});
  } else {
    Progress progress;
    for (Tag tag; reader.next(tag);) {
      read_field<T, json::Schema<T>>(reader, tag, out, progress);
    }
    check_required<T, json::Schema<T>>(reader, progress);
  }
}

template <class T>
void write_body(Writer& writer, const T& value) {
  if constexpr (json::HasStandIn<T>) {
    write_body(writer, json::StandIn<T>::get(value));
  } else if constexpr (json::HasEnvelope<T>) {
    write_union(writer, value);
  } else {
    write_fields<T, json::Schema<T>>(writer, value);
  }
}

template <class T>
std::string to_protobuf(const T& value) {
  Writer writer;
  write_body(writer, value);
  writer.start_writing();
  write_body(writer, value);
  return writer.take();
}

template <class T>
Result<T> from_protobuf(std::string_view bytes) {
  T out{};
  Reader reader(bytes);
  read_body(reader, out);
  if (auto done = reader.finish(); !done) {
    return fail(std::move(done.error()));
  }
  return out;
}

}  // namespace ekiden::protobuf

// Instantiates what protobuf.h declares, and what other tables need to nest the type.
#define EKIDEN_PROTOBUF_EACH(kind, T)                                      \
  kind void ekiden::protobuf::read_body<T>(ekiden::protobuf::Reader&, T&); \
  kind void ekiden::protobuf::write_body<T>(ekiden::protobuf::Writer&, const T&);

#define EKIDEN_PROTOBUF_EXTERN(T) EKIDEN_PROTOBUF_EACH(extern template, T)

#define EKIDEN_PROTOBUF_TYPE(T)                                    \
  EKIDEN_PROTOBUF_EACH(template, T)                                \
  template std::string ekiden::protobuf::to_protobuf<T>(const T&); \
  template ekiden::Result<T> ekiden::protobuf::from_protobuf<T>(std::string_view);
