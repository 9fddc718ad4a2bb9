#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The bytes below the tables of codec.h, on libprotobuf's coded streams.
namespace ekiden::protobuf {

enum class WireType { varint = 0, fixed64 = 1, bytes = 2, group = 3, group_end = 4, fixed32 = 5 };

// What became of one occurrence of a field.
enum class Got {
  value,
  nothing,  // there, but it holds nothing for the member (an empty wrapper)
  unknown,  // a number of an enumeration, or a wire type, that we do not know: as if absent
  broken,   // these bytes are no message; reading ends
};

struct Tag {
  int number = 0;
  WireType type = WireType::varint;
};

// Reads one message and collects what is wrong with it. After `broken` every call says so.
class Reader {
 public:
  explicit Reader(std::string_view bytes);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  bool next(Tag& tag);  // of the message that is open; false at its end
  Got skip();           // the field of the last tag
  Got varint(WireType type, std::uint64_t& out);
  Got fixed64(WireType type, std::uint64_t& out);
  Got bytes(WireType type, std::string& out);
  Got text(WireType type, std::string& out);  // UTF-8, else a problem

  // Opens the field as a message (or a packed list), lets `body` read it to its end.
  template <class Body>
  Got message(WireType type, Body&& body) {
    int outer = 0;
    if (const Got got = enter(type, outer); got != Got::value) {
      return got;
    }
    body();
    return leave(outer);
  }

  bool more() const;  // whether the message that is open has bytes left
  // The last value of a varint field at the top, wherever in the message it stands.
  std::optional<std::uint64_t> find_varint(int number) const;

  Got problem(std::string reason);  // at the current path; Got::unknown
  void missing(std::string_view member);
  bool charge(std::size_t memory);  // false and broken when the message grows beyond its measure
  Result<void> finish();

  // While it lives, problems are about this member or element.
  class In {
   public:
    In(Reader& reader, std::string_view member);
    In(Reader& reader, std::size_t index);
    ~In();
    In(const In&) = delete;
    In& operator=(const In&) = delete;

   private:
    Reader& reader_;
  };

 private:
  struct Impl;

  Got enter(WireType type, int& outer);
  Got leave(int outer);
  Got broken(std::string reason);

  std::unique_ptr<Impl> impl_;
};

// Writes one message in two passes over the same calls: the first measures, the second, after
// start_writing, writes.
class Writer {
 public:
  void varint(int number, std::uint64_t value);
  void fixed64(int number, std::uint64_t value);
  void bytes(int number, std::string_view value);

  template <class Body>
  void message(int number, Body&& body) {
    const std::size_t slot = begin(number);
    const std::size_t before = size_;
    body();
    end(number, slot, before);
  }

  void start_writing();
  std::string take();

 private:
  std::size_t begin(int number);
  void end(int number, std::size_t slot, std::size_t before);

  bool is_writing_ = false;
  std::size_t size_ = 0;
  std::vector<std::size_t> sizes_;  // of the messages inside, in the order they begin
  std::size_t next_ = 0;            // of sizes_, while writing
  std::string out_;
  std::uint8_t* at_ = nullptr;
};

}  // namespace ekiden::protobuf
