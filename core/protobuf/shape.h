#pragma once

#include "core/base/id.h"
#include "core/json/coder.h"
#include "core/protobuf/stream.h"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// How single values look in protobuf; codec.h builds messages of them. A shape is named by the JSON
// coder of the same value, so that a table says only once how a member looks on the wire. Included
// by table .cpp files only.
namespace ekiden::protobuf {

// ---- the two functions of a table type; instantiated by EKIDEN_PROTOBUF_TYPE
template <class T>
void read_body(Reader& reader, T& out);
template <class T>
void write_body(Writer& writer, const T& value);

template <class C>
struct Shape;

// A coder may say that another one is its shape in protobuf.
template <class C>
requires requires {
  typename C::Protobuf;
}

struct Shape<C> : Shape<typename C::Protobuf> {};

template <class T>
concept Number = std::is_same_v<T, bool> || std::is_same_v<T, std::int32_t> ||
    std::is_same_v<T, std::uint32_t> || std::is_same_v<T, std::int64_t> ||
    std::is_same_v<T, std::uint64_t>;

template <Number T>
struct Shape<json::Coder<T>> {
  static Got read(Reader& reader, WireType type, T& out) {
    std::uint64_t value = 0;
    const Got got = reader.varint(type, value);
    if (got == Got::value) {
      out = static_cast<T>(value);
    }
    return got;
  }

  static void write(Writer& writer, int number, const T& value) {
    if constexpr (std::is_signed_v<T>) {
      writer.varint(number, static_cast<std::uint64_t>(std::int64_t{value}));
    } else {
      writer.varint(number, value);
    }
  }
};

template <>
struct Shape<json::Coder<double>> {
  static Got read(Reader& reader, WireType type, double& out) {
    std::uint64_t bits = 0;
    const Got got = reader.fixed64(type, bits);
    if (got == Got::value) {
      out = std::bit_cast<double>(bits);
      if (std::isnan(out)) {
        out = 0;
        reader.problem("not a number");
      }
    }
    return got;
  }

  static void write(Writer& writer, int number, const double& value) {
    writer.fixed64(number, std::bit_cast<std::uint64_t>(value));
  }
};

template <>
struct Shape<json::Coder<std::string>> {
  static Got read(Reader& reader, WireType type, std::string& out) {
    return reader.text(type, out);
  }

  static void write(Writer& writer, int number, const std::string& value) {
    writer.bytes(number, value);
  }
};

template <>
struct Shape<json::Base64> {
  static Got read(Reader& reader, WireType type, std::string& out) {
    return reader.bytes(type, out);
  }

  static void write(Writer& writer, int number, const std::string& value) {
    writer.bytes(number, value);
  }
};

// Row of an enumeration's table by number, or nullptr.
template <class Table>
constexpr auto* find_number(const Table& table, std::uint64_t number) {
  for (const auto& row : table) {
    static_assert(json::NumberedRow<std::remove_cvref_t<decltype(row)>>,
                  "the table of the enumeration has no protobuf numbers");
    if (static_cast<std::uint64_t>(row.number) == number) {
      return &row;
    }
  }
  return static_cast<decltype(&*std::begin(table))>(nullptr);
}

template <class E>
requires std::is_enum_v<E>

struct Shape<json::Coder<E>> {
  static Got read(Reader& reader, WireType type, E& out) {
    std::uint64_t number = 0;
    if (const Got got = reader.varint(type, number); got != Got::value) {
      return got;
    }
    const auto* row = find_number(json::Names<E>::table, number);
    if (row == nullptr) {
      return Got::unknown;
    }
    out = row->value;
    return Got::value;
  }

  static void write(Writer& writer, int number, const E& value) {
    for (const auto& row : json::Names<E>::table) {
      if (row.value == value) {
        writer.varint(number, static_cast<std::uint64_t>(row.number));
        return;
      }
    }
  }
};

template <const auto& kTable>
struct Shape<json::EnumText<kTable>> {
  static Got read(Reader& reader, WireType type, std::string& out) {
    std::uint64_t number = 0;
    if (const Got got = reader.varint(type, number); got != Got::value) {
      return got;
    }
    const auto* row = find_number(kTable, number);
    if (row == nullptr) {
      return Got::unknown;
    }
    out = row->name;
    return Got::value;
  }

  static void write(Writer& writer, int number, const std::string& value) {
    for (const auto& row : kTable) {
      if (row.name == value) {
        writer.varint(number, static_cast<std::uint64_t>(row.number));
      }
    }
  }
};

template <class T>
struct Shape<json::Coder<T>> {  // a table type

  static Got read(Reader& reader, WireType type, T& out) {
    return reader.message(type, [&] { read_body(reader, out); });
  }

  static void write(Writer& writer, int number, const T& value) {
    writer.message(number, [&] { write_body(writer, value); });
  }
};

// Reads the fields of a wrapper, of which only number 1 counts; false when that was not there.
template <class ReadInner>
bool read_wrapper(Reader& reader, ReadInner&& read_inner) {
  bool found = false;
  for (Tag tag; reader.next(tag);) {
    const Got got = tag.number == 1 ? read_inner(tag.type) : reader.skip();
    found = found || got == Got::value;
  }
  return found;
}

template <class Tag>
struct Shape<json::Coder<Id<Tag>>> {
  static Got read(Reader& reader, WireType type, Id<Tag>& out) {
    return reader.message(type, [&] {
      const auto inner = [&](WireType t) { return reader.text(t, out.value); };
      if (!read_wrapper(reader, inner)) {
        reader.missing("value");
      }
    });
  }

  static void write(Writer& writer, int number, const Id<Tag>& id) {
    writer.message(number, [&] { writer.bytes(1, id.value); });
  }
};

template <>
struct Shape<json::Coder<ContainerId>> {
  static Got read(Reader& reader, WireType type, ContainerId& out) {
    std::string own;
    ContainerId parent;
    bool found = false;
    const Got got = reader.message(type, [&] {
      for (Tag tag; reader.next(tag);) {
        if (tag.number == 1) {
          found = reader.text(tag.type, own) == Got::value || found;
        } else if (tag.number == 2) {
          const Reader::In in(reader, "parent");
          read(reader, tag.type, parent);
        } else {
          reader.skip();
        }
      }
      if (!found) {
        reader.missing("value");
      } else if (own.find('.') != std::string::npos) {
        reader.problem("a container's id must not have a '.'");
      }
    });
    out.value = parent.value.empty() ? own : parent.value + "." + own;
    return got;
  }

  static void write(Writer& writer, int number, const ContainerId& id) {
    writer.message(number, [&] {
      const std::size_t dot = id.value.rfind('.');
      writer.bytes(1, dot == std::string::npos ? id.value : id.value.substr(dot + 1));
      if (dot != std::string::npos) {
        write(writer, 2, ContainerId{id.value.substr(0, dot)});
      }
    });
  }
};

template <json::Text kName, class T, class C>
struct Shape<json::InsideCoder<kName, T, C>> {
  static Got read(Reader& reader, WireType type, T& out) {
    bool found = false;
    const Got got = reader.message(type, [&] {
      const Reader::In in(reader, kName.view());
      const auto inner = [&](WireType t) { return Shape<C>::read(reader, t, out); };
      found = read_wrapper(reader, inner);
    });
    return got == Got::value && !found ? Got::nothing : got;
  }

  static void write(Writer& writer, int number, const T& value) {
    writer.message(number, [&] { Shape<C>::write(writer, 1, value); });
  }
};

template <>
struct Shape<json::Presence> {
  static Got read(Reader& reader, WireType type, bool& out) {
    const auto inner = [&](WireType) { return reader.skip(); };
    out = true;
    return reader.message(type, [&] { read_wrapper(reader, inner); });
  }

  static void write(Writer& writer, int number, const bool&) {
    writer.message(number, [] {});
  }
};

template <class T, class C>
struct Shape<json::ListCoder<T, C>> {
  // Numbers may come packed: many in one field, without tags.
  static constexpr bool kIsPlain = std::is_same_v<C, json::Coder<T>>;
  static constexpr WireType kPacked = kIsPlain && std::is_same_v<T, double> ? WireType::fixed64
                                      : kIsPlain && (Number<T> || std::is_enum_v<T>)
                                          ? WireType::varint
                                          : WireType::bytes;

  static Got read_element(Reader& reader, WireType type, std::vector<T>& out) {
    const Reader::In in(reader, out.size());
    if (!reader.charge(sizeof(T))) {
      return Got::broken;
    }
    T element{};
    const Got got = Shape<C>::read(reader, type, element);
    if (got == Got::value || got == Got::nothing) {
      out.push_back(std::move(element));
      return Got::value;
    }
    return got;
  }

  static Got read(Reader& reader, WireType type, std::vector<T>& out) {
    if (kPacked == WireType::bytes || type != WireType::bytes) {
      return read_element(reader, type, out);
    }
    return reader.message(type, [&] {
      while (reader.more() && read_element(reader, kPacked, out) != Got::broken) {
      }
    });
  }

  static void write(Writer& writer, int number, const std::vector<T>& list) {
    for (const T& element : list) {
      Shape<C>::write(writer, number, element);
    }
  }
};

template <class T>
struct Shape<json::Coder<std::vector<T>>> : Shape<json::ListCoder<T>> {};

// Entries of {1: name, 2: value}; the last of a name counts.
template <class T, class C>
struct Shape<json::MapCoder<T, C>> {
  static Got read(Reader& reader, WireType type, std::map<std::string, T>& out) {
    std::string name;
    T element{};
    const auto entry = [&] {
      for (Tag tag; reader.next(tag);) {
        if (tag.number == 1) {
          reader.text(tag.type, name);
        } else if (tag.number == 2) {
          Shape<C>::read(reader, tag.type, element);
        } else {
          reader.skip();
        }
      }
    };
    if (!reader.charge(sizeof(T) + sizeof(std::string))) {
      return Got::broken;
    }
    const Got got = reader.message(type, entry);
    if (got == Got::value) {
      out.insert_or_assign(std::move(name), std::move(element));
    }
    return got;
  }

  static void write(Writer& writer, int number, const std::map<std::string, T>& map) {
    for (const auto& [name, element] : map) {
      writer.message(number, [&writer, &key = name, &value = element] {
        writer.bytes(1, key);
        Shape<C>::write(writer, 2, value);
      });
    }
  }
};

template <class T>
struct Shape<json::Coder<std::map<std::string, T>>> : Shape<json::MapCoder<T>> {};

}  // namespace ekiden::protobuf
