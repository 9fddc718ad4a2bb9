#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// DNS messages as bytes (RFC 1035, 6891), without sockets. Names as text have no final dot; a dot
// or backslash inside a label is written with a backslash before it.
namespace ekiden::dns {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

enum class Type : std::uint16_t {
  a = 1,
  ns = 2,
  cname = 5,
  soa = 6,
  ptr = 12,
  txt = 16,
  aaaa = 28,
  srv = 33,
  opt = 41,
  ixfr = 251,
  axfr = 252,
  any = 255,
};

enum class Rcode : std::uint8_t {
  no_error = 0,
  format_error = 1,
  server_failure = 2,
  name_error = 3,
  not_implemented = 4,
  refused = 5,
  bad_version = 16,
};

inline constexpr std::uint16_t kClassInternet = 1;
inline constexpr std::size_t kHeaderLength = 12;
inline constexpr std::size_t kLabelLengthMax = 63;
inline constexpr std::size_t kNameLengthMax = 255;  // on the wire, with the root label
inline constexpr std::size_t kUdpSizeMin = 512;
inline constexpr std::size_t kTcpSizeMax = 65535;

// Bits of the second header word.
inline constexpr std::uint16_t kFlagQr = 0x8000;
inline constexpr std::uint16_t kFlagAa = 0x0400;
inline constexpr std::uint16_t kFlagTc = 0x0200;
inline constexpr std::uint16_t kFlagRd = 0x0100;
inline constexpr std::uint16_t kFlagRa = 0x0080;

struct Question {
  std::string name;  // case as asked
  std::uint16_t type = 0;
  std::uint16_t klass = kClassInternet;
  bool operator==(const Question&) const = default;
};

struct WireRecord {
  std::string name;
  std::uint16_t type = 0;
  std::uint16_t klass = kClassInternet;
  std::uint32_t ttl = 0;
  Bytes data;        // as on the wire
  std::string text;  // of A, AAAA, NS, CNAME, PTR, SRV and SOA: as dig shows it
};

struct Message {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;
  std::vector<Question> questions;
  std::vector<WireRecord> answers;
  std::vector<WireRecord> authorities;
  std::vector<WireRecord> additionals;  // OPT included

  Rcode rcode() const { return static_cast<Rcode>(flags & 0xf); }
};

// Everything of a message. Refused: pointers that do not go backwards (so no loops), labels over
// 63, names over 255, lengths beyond the end.
Result<Message> decode(ByteView bytes);

// What a server needs from a query; `name` is lower case. The question's bytes are
// [kHeaderLength, question_end) of the query and hold no compression.
struct Query {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;
  std::uint16_t question_count = 0;
  std::string name;
  std::uint16_t type = 0;
  std::uint16_t klass = 0;
  std::size_t question_end = kHeaderLength;
  bool name_is_lower = true;  // as asked

  struct Edns {
    std::uint16_t udp_size = 0;
    std::uint8_t version = 0;
  };

  std::optional<Edns> edns;

  std::uint8_t opcode() const { return (flags >> 11) & 0xf; }
};

enum class QueryState {
  complete,     // a query with one question
  no_question,  // a header only
  malformed,    // the header could be read, the rest not
  not_a_query,  // too short, or a response: never answer it
};

QueryState parse_query(ByteView bytes, Query& query);

// A text name as wire labels with the root label; nothing when a label or the name is too long or
// empty.
std::optional<Bytes> name_to_wire(std::string_view name);

// A query, for clients and tests.
struct QueryOptions {
  std::uint16_t id = 0;
  std::uint16_t type = 1;
  std::uint16_t udp_size = 0;  // 0: no EDNS
};

Bytes encode_query(std::string_view name, const QueryOptions& options);

void append_u16(Bytes& out, std::uint16_t value);
void append_u32(Bytes& out, std::uint32_t value);
void put_u16(Bytes& out, std::size_t offset, std::uint16_t value);
std::uint16_t read_u16(ByteView bytes, std::size_t offset);

}  // namespace ekiden::dns
