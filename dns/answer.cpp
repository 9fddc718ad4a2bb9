#include "dns/answer.h"

#include <algorithm>
#include <numeric>
#include <utility>

// The order of a message: the query's header and question, answers in random order, the authority
// section, for SRV the addresses of the targets, and last an OPT record when the query had one.
// What does not fit is left out so [3.8]: all additional records first, then answers from the end,
// and the TC bit is set. Because answers are shuffled before they are cut, every instance of a big
// service gets its share.

namespace ekiden::dns {
namespace {

constexpr std::size_t kOptLength = 11;
constexpr std::size_t kPointerMax = 0x3fff;
constexpr std::uint16_t kQuestionPointer = 0xc000 | kHeaderLength;
constexpr std::string_view kWildcard = ".*";

std::uint16_t number(Type type) {
  return static_cast<std::uint16_t>(type);
}

void append(Bytes& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

// "web.*.marathon.mesos" is looked up as "web.marathon.mesos".
void remove_wildcards(std::string& name) {
  for (std::size_t at = name.find(kWildcard); at != std::string::npos;
       at = name.find(kWildcard, at)) {
    name.erase(at, kWildcard.size());
  }
}

bool is_in_zone(std::string_view name, std::string_view zone) {
  return name.ends_with(zone) &&
         (name.size() == zone.size() || name[name.size() - zone.size() - 1] == '.');
}

}  // namespace

// Counts of a reply under construction.
struct Answerer::Section {
  std::size_t limit = kUdpSizeMin;
  std::uint16_t answers = 0;
  std::uint16_t authorities = 0;
  std::uint16_t additionals = 0;
  Rcode rcode = Rcode::no_error;
  bool truncated = false;
  std::size_t owner_at = 0;  // where the lower-case name was written, 0: not yet
};

Answerer::Answerer(AnswerOptions options, Random random)
    : options_(std::move(options)),
      mname_(name_to_wire(options_.soa_mname).value_or(Bytes{0})),
      rname_(name_to_wire(options_.soa_rname).value_or(Bytes{0})),
      random_(random) {}

Outcome Answerer::answer(ByteView query,
                         const RecordSet& records,
                         Transport transport,
                         Bytes& out) {
  out.clear();
  switch (parse_query(query, query_)) {
    case QueryState::not_a_query:
      return {};
    case QueryState::no_question:
      begin(query.first(kHeaderLength), Rcode::server_failure, out);
      return {Outcome::Kind::reply};
    case QueryState::malformed:
      begin(query.first(kHeaderLength), Rcode::format_error, out);
      return {Outcome::Kind::reply};
    case QueryState::complete:
      return answer_query(query, records, transport, out);
  }
  return {};
}

void Answerer::reply_with(ByteView query, Rcode rcode, Bytes& out) {
  out.clear();
  const QueryState state = parse_query(query, query_);
  if (state == QueryState::not_a_query) {
    return;
  }
  const std::size_t end = state == QueryState::complete ? query_.question_end : kHeaderLength;
  Section section;
  section.rcode = rcode;
  begin(query.first(end), rcode, out);
  finish(section, out);
}

// Header and question as they came; counts are filled in by finish().
void Answerer::begin(ByteView bytes, Rcode rcode, Bytes& out) {
  append_u16(out, query_.id);
  const std::uint16_t kept = query_.flags & (kFlagRd | 0x7800);
  const std::uint16_t ra = options_.recursion == Recursion::available ? kFlagRa : 0;
  append_u16(
      out,
      static_cast<std::uint16_t>(kFlagQr | kept | ra | (static_cast<std::uint16_t>(rcode) & 0xf)));
  append_u16(out, bytes.size() > kHeaderLength ? 1 : 0);
  append_u16(out, 0);
  append_u32(out, 0);
  append(out, bytes.subspan(kHeaderLength));
}

void Answerer::finish(const Section& section, Bytes& out) const {
  std::uint16_t flags = read_u16(out, 2);
  flags = static_cast<std::uint16_t>((flags & 0xfff0) |
                                     (static_cast<std::uint16_t>(section.rcode) & 0xf));
  if (section.truncated && options_.truncation == Truncation::announced) {
    flags |= kFlagTc;
  }
  put_u16(out, 2, flags);
  put_u16(out, 6, section.answers);
  put_u16(out, 8, section.authorities);
  put_u16(out, 10, static_cast<std::uint16_t>(section.additionals + (query_.edns ? 1 : 0)));
  if (query_.edns) {
    out.push_back(0);
    append_u16(out, number(Type::opt));
    append_u16(out, options_.udp_size_max);
    append_u32(out, std::uint32_t{static_cast<std::uint8_t>(section.rcode)} >> 4 << 24);
    append_u16(out, 0);
  }
}

std::size_t Answerer::size_limit(Transport transport) const {
  if (transport == Transport::tcp) {
    return kTcpSizeMax - (query_.edns ? kOptLength : 0);
  }
  if (!query_.edns) {
    return kUdpSizeMin;
  }
  const std::size_t asked = std::max<std::size_t>(query_.edns->udp_size, kUdpSizeMin);
  return std::min<std::size_t>(asked, std::max<std::size_t>(options_.udp_size_max, kUdpSizeMin)) -
         kOptLength;
}

// Longest zone that the name is in: npos for our own domain.
std::size_t Answerer::group_of(std::string_view name) const {
  std::size_t group = 0;
  std::size_t length = 0;
  for (std::size_t i = 0; i < options_.forward_zones.size(); ++i) {
    const std::string& zone = options_.forward_zones[i];
    if (zone.size() > length && is_in_zone(name, zone)) {
      group = i + 1;
      length = zone.size();
    }
  }
  if (options_.domain.size() > length && is_in_zone(name, options_.domain)) {
    return std::string::npos;
  }
  return group;
}

Outcome Answerer::answer_query(ByteView bytes,
                               const RecordSet& records,
                               Transport transport,
                               Bytes& out) {
  const ByteView head = bytes.first(query_.question_end);
  Section section;
  if (query_.opcode() != 0) {
    section.rcode = Rcode::not_implemented;
  } else if (query_.edns && query_.edns->version != 0) {
    section.rcode = Rcode::bad_version;
  } else if (query_.type == number(Type::axfr) || query_.type == number(Type::ixfr)) {
    section.rcode = Rcode::refused;  // zone transfer is not offered on this port
  } else if (const std::size_t group = group_of(query_.name); group != std::string::npos) {
    if (options_.unknown == Unknown::forward) {
      return {Outcome::Kind::forward, group};
    }
    section.rcode = Rcode::refused;
  } else if (!records.loaded()) {
    section.rcode = Rcode::server_failure;
  } else {
    answer_own(bytes, records, transport, out);
    return {Outcome::Kind::reply};
  }
  begin(head, section.rcode, out);
  finish(section, out);
  return {Outcome::Kind::reply};
}

bool Answerer::wants(Type type) const {
  return query_.type == number(type) || query_.type == number(Type::any);
}

void Answerer::answer_own(ByteView bytes,
                          const RecordSet& records,
                          Transport transport,
                          Bytes& out) {
  begin(bytes.first(query_.question_end), Rcode::no_error, out);
  put_u16(out, 2, read_u16(out, 2) | kFlagAa);
  lookup_name_ = query_.name;
  remove_wildcards(lookup_name_);
  const Node* node = records.find(lookup_name_);
  Section section;
  section.limit = size_limit(transport);
  if (node != nullptr) {
    append_answers(*node, section, out);
  }
  if (section.answers == 0 && !section.truncated) {
    answer_empty(node, records.serial(), section, out);
  } else if (query_.type == number(Type::any)) {
    append_soa(records.serial(), section, out);
    append_ns(section, out);
  } else if (query_.type == number(Type::srv) && !section.truncated) {
    append_additional(records, section, out);
  }
  if (section.authorities > 0 && section.answers > 0 && out.size() > section.limit) {
    section.truncated = true;
    section.authorities = 0;
    out.resize(ends_.back());
  }
  finish(section, out);
}

void Answerer::answer_empty(const Node* node,
                            std::uint32_t serial,
                            Section& section,
                            Bytes& out) const {
  if (query_.type == number(Type::srv)) {
    return;
  }
  if (query_.type == number(Type::ns)) {
    append_ns(section, out);
    return;
  }
  if (query_.type != number(Type::soa) && node == nullptr) {
    section.rcode = Rcode::name_error;
  }
  append_soa(serial, section, out);
}

void Answerer::shuffle(std::size_t count) {
  order_.resize(count);
  std::iota(order_.begin(), order_.end(), 0u);
  for (std::size_t i = count; i > 1; --i) {
    std::swap(order_[i - 1], order_[random_.below(i)]);
  }
}

// The name of A and AAAA records is the looked-up one in lower case; a pointer to the question does
// when that is the same.
void Answerer::append_owner(Section& section, Bytes& out) const {
  if (query_.name_is_lower && lookup_name_.size() == query_.name.size()) {
    append_u16(out, kQuestionPointer);
    return;
  }
  if (section.owner_at != 0 && section.owner_at <= kPointerMax) {
    append_u16(out, static_cast<std::uint16_t>(0xc000 | section.owner_at));
    return;
  }
  section.owner_at = out.size();
  append(out, name_to_wire(lookup_name_).value_or(Bytes{0}));
}

void Answerer::append_answers(const Node& node, Section& section, Bytes& out) {
  const std::size_t srv_count = wants(Type::srv) ? node.srv.size() : 0;
  const std::size_t a_count = wants(Type::a) ? node.a.size() : 0;
  const std::size_t aaaa_count = wants(Type::aaaa) ? node.aaaa.size() : 0;
  const auto fixed = [&](Type type, std::uint32_t ttl, std::size_t length) {
    append_u16(out, number(type));
    append_u16(out, kClassInternet);
    append_u32(out, ttl == 0 ? options_.ttl : ttl);
    append_u16(out, static_cast<std::uint16_t>(length));
  };
  targets_.clear();
  ends_.clear();
  shuffle(srv_count + a_count + aaaa_count);
  for (const std::uint32_t index : order_) {
    if (index < srv_count) {
      const auto& [value, holders, ttl] = node.srv[index];
      if (value.target->wire.empty()) {
        continue;
      }
      append_u16(out, kQuestionPointer);
      fixed(Type::srv, ttl, 6 + value.target->wire.size());
      append_u16(out, 0);
      append_u16(out, options_.srv_weight);
      append_u16(out, value.port);
      targets_.emplace_back(value.target.get(), out.size());
      append(out, value.target->wire);
    } else if (index < srv_count + a_count) {
      const auto& held = node.a[index - srv_count];
      append_owner(section, out);
      fixed(Type::a, held.ttl, held.value.size());
      append(out, held.value);
    } else {
      const auto& held = node.aaaa[index - srv_count - a_count];
      append_owner(section, out);
      fixed(Type::aaaa, held.ttl, held.value.size());
      append(out, held.value);
    }
    ++section.answers;
    ends_.push_back(out.size());
    if (out.size() > section.limit) {
      section.truncated = true;
      break;
    }
  }
  if (section.truncated) {
    drop_answers(section, out);
  }
}

// From the end, until the message is below the limit.
void Answerer::drop_answers(Section& section, Bytes& out) {
  while (section.answers > 0 && out.size() >= section.limit) {
    --section.answers;
    ends_.pop_back();
    out.resize(ends_.empty() ? query_.question_end : ends_.back());
  }
}

// For each target one of its addresses of each family.
void Answerer::append_additional(const RecordSet& records, Section& section, Bytes& out) {
  const std::size_t answers_end = out.size();
  std::sort(targets_.begin(), targets_.end(), [](const auto& a, const auto& b) {
    return a.first->name != b.first->name ? a.first->name < b.first->name : a.second < b.second;
  });
  const Target* last = nullptr;
  for (const auto& wanted : targets_) {  // clang 14 captures no structured bindings
    const Target* target = wanted.first;
    const std::size_t name_at = wanted.second;
    const Node* addresses =
        last != nullptr && last->name == target->name ? nullptr : records.find(target->name);
    last = target;
    if (addresses == nullptr) {
      continue;
    }
    const auto append_one = [&](Type type, std::uint32_t ttl, ByteView data) {
      if (name_at <= kPointerMax) {
        append_u16(out, static_cast<std::uint16_t>(0xc000 | name_at));
      } else {
        append(out, target->wire);
      }
      append_u16(out, number(type));
      append_u16(out, kClassInternet);
      append_u32(out, ttl == 0 ? options_.ttl : ttl);
      append_u16(out, static_cast<std::uint16_t>(data.size()));
      append(out, data);
      ++section.additionals;
    };
    if (!addresses->a.empty()) {
      const auto& held = addresses->a[random_.below(addresses->a.size())];
      append_one(Type::a, held.ttl, held.value);
    }
    if (!addresses->aaaa.empty()) {
      const auto& held = addresses->aaaa[random_.below(addresses->aaaa.size())];
      append_one(Type::aaaa, held.ttl, held.value);
    }
    if (out.size() > section.limit) {
      break;
    }
  }
  if (out.size() <= section.limit) {
    return;
  }
  section.truncated = true;
  section.additionals = 0;
  out.resize(answers_end);
  drop_answers(section, out);
}

void Answerer::append_soa(std::uint32_t serial, Section& section, Bytes& out) const {
  append_u16(out, kQuestionPointer);
  append_u16(out, number(Type::soa));
  append_u16(out, kClassInternet);
  append_u32(out, options_.ttl);
  append_u16(out, static_cast<std::uint16_t>(mname_.size() + rname_.size() + 20));
  append(out, mname_);
  append(out, rname_);
  for (std::uint32_t value :
       {serial, options_.soa_refresh, options_.soa_retry, options_.soa_expire, options_.ttl}) {
    append_u32(out, value);
  }
  ++section.authorities;
}

void Answerer::append_ns(Section& section, Bytes& out) const {
  append_u16(out, kQuestionPointer);
  append_u16(out, number(Type::ns));
  append_u16(out, kClassInternet);
  append_u32(out, options_.ttl);
  append_u16(out, static_cast<std::uint16_t>(mname_.size()));
  append(out, mname_);
  ++section.authorities;
}

}  // namespace ekiden::dns
