#include "dns/wire.h"

#include "dns/address.h"

#include <algorithm>

#include <fmt/format.h>

// Names are read with one rule that makes loops impossible: a pointer must go to before the start
// of the piece it ends, so every jump goes further back.

namespace ekiden::dns {
namespace {

constexpr std::uint8_t kPointerBits = 0xc0;

std::uint32_t read_u32(ByteView bytes, std::size_t offset) {
  return (std::uint32_t{read_u16(bytes, offset)} << 16) | read_u16(bytes, offset + 2);
}

// Reads a message front to back. Every call says false when the bytes do not allow it.
class Reader {
 public:
  explicit Reader(ByteView bytes, std::size_t offset = 0) : bytes_(bytes), offset_(offset) {}

  std::size_t offset() const { return offset_; }

  bool u16(std::uint16_t& value) {
    if (bytes_.size() - offset_ < 2) {
      return false;
    }
    value = read_u16(bytes_, offset_);
    offset_ += 2;
    return true;
  }

  bool u32(std::uint32_t& value) {
    if (bytes_.size() - offset_ < 4) {
      return false;
    }
    value = read_u32(bytes_, offset_);
    offset_ += 4;
    return true;
  }

  bool skip(std::size_t count) {
    if (bytes_.size() - offset_ < count) {
      return false;
    }
    offset_ += count;
    return true;
  }

  bool name(std::string& text) {
    text.clear();
    std::size_t at = offset_;
    std::size_t piece_start = offset_;
    std::size_t length = 1;  // the root label
    bool jumped = false;
    while (true) {
      if (at >= bytes_.size()) {
        return false;
      }
      const std::uint8_t head = bytes_[at];
      if ((head & kPointerBits) == kPointerBits) {
        if (at + 1 >= bytes_.size()) {
          return false;
        }
        const std::size_t target = read_u16(bytes_, at) & 0x3fff;
        if (target >= piece_start || target < kHeaderLength) {
          return false;
        }
        end_at(at + 2, jumped);
        at = piece_start = target;
        continue;
      }
      if ((head & kPointerBits) != 0 || at + 1 + head > bytes_.size()) {
        return false;
      }
      if (head == 0) {
        end_at(at + 1, jumped);
        return true;
      }
      length += 1u + head;
      if (length > kNameLengthMax) {
        return false;
      }
      append_label(bytes_.subspan(at + 1, head), text);
      at += 1u + head;
    }
  }

 private:
  void end_at(std::size_t offset, bool& jumped) {
    if (!jumped) {
      offset_ = offset;
    }
    jumped = true;
  }

  static void append_label(ByteView label, std::string& text) {
    if (!text.empty()) {
      text += '.';
    }
    for (std::uint8_t byte : label) {
      if (byte == '.' || byte == '\\') {
        text += '\\';
      }
      text += static_cast<char>(byte);
    }
  }

  ByteView bytes_;
  std::size_t offset_;
};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string srv_text(ByteView message, std::size_t offset, std::size_t length) {
  std::string target;
  Reader reader(message, offset + 6);
  if (length < 7 || !reader.name(target)) {
    return {};
  }
  return fmt::format("{} {} {} {}.",
                     read_u16(message, offset),
                     read_u16(message, offset + 2),
                     read_u16(message, offset + 4),
                     target);
}

std::string soa_text(ByteView message, std::size_t offset) {
  Reader reader(message, offset);
  std::string mname;
  std::string rname;
  std::uint32_t numbers[5] = {};
  if (!reader.name(mname) || !reader.name(rname)) {
    return {};
  }
  for (std::uint32_t& number : numbers) {
    if (!reader.u32(number)) {
      return {};
    }
  }
  return fmt::format("{}. {}. {} {} {} {} {}",
                     mname,
                     rname,
                     numbers[0],
                     numbers[1],
                     numbers[2],
                     numbers[3],
                     numbers[4]);
}

std::string name_text(ByteView message, std::size_t offset) {
  std::string name;
  Reader reader(message, offset);
  return reader.name(name) ? name + "." : std::string();
}

// The record's data lies at [offset, offset + length) of the message, which was checked.
std::string data_text(ByteView message,
                      std::uint16_t type,
                      std::size_t offset,
                      std::size_t length) {
  switch (static_cast<Type>(type)) {
    case Type::a:
      return length == 4 ? to_text(Ipv4{message[offset],
                                        message[offset + 1],
                                        message[offset + 2],
                                        message[offset + 3]})
                         : std::string();
    case Type::aaaa: {
      Ipv6 bytes{};
      if (length != bytes.size()) {
        return {};
      }
      std::copy_n(message.begin() + static_cast<std::ptrdiff_t>(offset), length, bytes.begin());
      return to_text(bytes);
    }
    case Type::srv:
      return srv_text(message, offset, length);
    case Type::soa:
      return soa_text(message, offset);
    case Type::ns:
    case Type::cname:
    case Type::ptr:
      return name_text(message, offset);
    default:
      return {};
  }
}

bool read_record(ByteView bytes, Reader& reader, WireRecord& record) {
  std::uint16_t length = 0;
  if (!reader.name(record.name) || !reader.u16(record.type) || !reader.u16(record.klass) ||
      !reader.u32(record.ttl) || !reader.u16(length)) {
    return false;
  }
  const std::size_t start = reader.offset();
  if (!reader.skip(length)) {
    return false;
  }
  const ByteView data = bytes.subspan(start, length);
  record.data.assign(data.begin(), data.end());
  record.text = data_text(bytes, record.type, start, length);
  return true;
}

bool read_records(ByteView bytes,
                  Reader& reader,
                  std::size_t count,
                  std::vector<WireRecord>& records) {
  for (std::size_t i = 0; i < count; ++i) {
    WireRecord record;
    if (!read_record(bytes, reader, record)) {
      return false;
    }
    records.push_back(std::move(record));
  }
  return true;
}

// Skips the records of a query, keeping what its OPT record says.
bool skip_records(Reader& reader, std::size_t count, Query& query) {
  std::string name;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint16_t type = 0;
    std::uint16_t klass = 0;
    std::uint32_t ttl = 0;
    std::uint16_t length = 0;
    if (!reader.name(name) || !reader.u16(type) || !reader.u16(klass) || !reader.u32(ttl) ||
        !reader.u16(length) || !reader.skip(length)) {
      return false;
    }
    if (type != static_cast<std::uint16_t>(Type::opt)) {
      continue;
    }
    if (query.edns || !name.empty()) {  // a second OPT is an error [RFC 6891 6.1.1]
      return false;
    }
    query.edns = Query::Edns{klass, static_cast<std::uint8_t>((ttl >> 16) & 0xff)};
  }
  return true;
}

}  // namespace

void append_u16(Bytes& out, std::uint16_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value & 0xff));
}

void append_u32(Bytes& out, std::uint32_t value) {
  append_u16(out, static_cast<std::uint16_t>(value >> 16));
  append_u16(out, static_cast<std::uint16_t>(value & 0xffff));
}

void put_u16(Bytes& out, std::size_t offset, std::uint16_t value) {
  out[offset] = static_cast<std::uint8_t>(value >> 8);
  out[offset + 1] = static_cast<std::uint8_t>(value & 0xff);
}

std::uint16_t read_u16(ByteView bytes, std::size_t offset) {
  return static_cast<std::uint16_t>((bytes[offset] << 8) | bytes[offset + 1]);
}

Result<Message> decode(ByteView bytes) {
  if (bytes.size() < kHeaderLength) {
    return fail(
        ErrorCode::malformed,
        fmt::format(
            "cannot read a DNS message of {} bytes: a header has {}", bytes.size(), kHeaderLength));
  }
  Message message;
  message.id = read_u16(bytes, 0);
  message.flags = read_u16(bytes, 2);
  Reader reader(bytes, kHeaderLength);
  const std::size_t questions = read_u16(bytes, 4);
  for (std::size_t i = 0; i < questions; ++i) {
    Question question;
    if (!reader.name(question.name) || !reader.u16(question.type) || !reader.u16(question.klass)) {
      return fail(ErrorCode::malformed, fmt::format("cannot read question {} of a DNS message", i));
    }
    message.questions.push_back(std::move(question));
  }
  if (!read_records(bytes, reader, read_u16(bytes, 6), message.answers) ||
      !read_records(bytes, reader, read_u16(bytes, 8), message.authorities) ||
      !read_records(bytes, reader, read_u16(bytes, 10), message.additionals)) {
    return fail(ErrorCode::malformed,
                fmt::format("cannot read the record at byte {} of a DNS message", reader.offset()));
  }
  return message;
}

QueryState parse_query(ByteView bytes, Query& query) {
  if (bytes.size() < kHeaderLength || (read_u16(bytes, 2) & kFlagQr) != 0) {
    return QueryState::not_a_query;
  }
  query.id = read_u16(bytes, 0);
  query.flags = read_u16(bytes, 2);
  query.question_count = read_u16(bytes, 4);
  query.question_end = kHeaderLength;
  query.name_is_lower = true;
  query.edns.reset();
  if (query.question_count == 0) {
    return QueryState::no_question;
  }
  Reader reader(bytes, kHeaderLength);
  if (query.question_count != 1 || !reader.name(query.name) || !reader.u16(query.type) ||
      !reader.u16(query.klass)) {
    return QueryState::malformed;
  }
  query.question_end = reader.offset();
  for (char& c : query.name) {
    const char low = lower(c);
    query.name_is_lower = query.name_is_lower && low == c;
    c = low;
  }
  const std::size_t records =
      std::size_t{read_u16(bytes, 6)} + read_u16(bytes, 8) + read_u16(bytes, 10);
  return skip_records(reader, records, query) ? QueryState::complete : QueryState::malformed;
}

std::optional<Bytes> name_to_wire(std::string_view name) {
  Bytes wire;
  std::size_t label_at = 0;
  wire.push_back(0);
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '.') {
      if (wire[label_at] == 0) {
        return std::nullopt;
      }
      label_at = wire.size();
      wire.push_back(0);
      continue;
    }
    if (name[i] == '\\' && i + 1 < name.size()) {
      ++i;
    }
    wire.push_back(static_cast<std::uint8_t>(name[i]));
    if (++wire[label_at] > kLabelLengthMax) {
      return std::nullopt;
    }
  }
  if (name.empty()) {
    return wire;
  }
  if (wire[label_at] == 0) {
    return std::nullopt;
  }
  wire.push_back(0);
  return wire.size() <= kNameLengthMax ? std::optional<Bytes>(std::move(wire)) : std::nullopt;
}

Bytes encode_query(std::string_view name, const QueryOptions& options) {
  Bytes out;
  append_u16(out, options.id);
  append_u16(out, kFlagRd);
  append_u16(out, 1);
  append_u32(out, 0);
  append_u16(out, options.udp_size == 0 ? 0 : 1);
  const Bytes wire = name_to_wire(name).value_or(Bytes{0});
  out.insert(out.end(), wire.begin(), wire.end());
  append_u16(out, options.type);
  append_u16(out, kClassInternet);
  if (options.udp_size != 0) {
    out.push_back(0);
    append_u16(out, static_cast<std::uint16_t>(Type::opt));
    append_u16(out, options.udp_size);
    append_u32(out, 0);
    append_u16(out, 0);
  }
  return out;
}

}  // namespace ekiden::dns
