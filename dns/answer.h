#pragma once

#include "core/base/random.h"
#include "dns/record_set.h"
#include "dns/wire.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ekiden::dns {

enum class Transport { udp, tcp };
enum class Recursion { unavailable, available };  // the RA bit
enum class Truncation { announced, silent };      // the TC bit [setTruncateBit]
enum class Unknown { refuse, forward };           // names outside the domain [externalOn]

struct AnswerOptions {
  std::string domain = "mesos";  // lower case
  std::string soa_mname = "ns1.mesos";
  std::string soa_rname = "root.ns1.mesos";
  std::uint32_t soa_refresh = 60;
  std::uint32_t soa_retry = 600;
  std::uint32_t soa_expire = 86400;
  std::uint32_t ttl = 60;  // of every record, and the SOA's minimum
  std::uint16_t srv_weight = 1;
  Recursion recursion = Recursion::available;
  Truncation truncation = Truncation::announced;
  Unknown unknown = Unknown::forward;
  std::uint16_t udp_size_max = 4096;       // what a client may ask for with EDNS
  std::vector<std::string> forward_zones;  // [zoneResolvers] lower case, in the order of groups 1..
};

// What to do with a query.
struct Outcome {
  enum class Kind { reply, drop, forward };
  Kind kind = Kind::drop;
  std::size_t group = 0;  // forward: 0 the default resolvers, n the n-th forward zone
};

// Answers queries from a record set as Mesos-DNS does [discovery 3.8], with EDNS sizes besides. One
// per thread: it keeps buffers between calls.
class Answerer {
 public:
  Answerer(AnswerOptions options, Random random);
  // Kind::reply: the reply is in `out`. Never fails, whatever the bytes.
  Outcome answer(ByteView query, const RecordSet& records, Transport transport, Bytes& out);
  // A reply without records, e.g. SERVFAIL for a forwarded query that nobody answered.
  void reply_with(ByteView query, Rcode rcode, Bytes& out);

 private:
  struct Section;
  void begin(ByteView bytes, Rcode rcode, Bytes& out);
  void finish(const Section& section, Bytes& out) const;
  std::size_t size_limit(Transport transport) const;
  std::size_t group_of(std::string_view name) const;
  Outcome answer_query(ByteView bytes, const RecordSet& records, Transport transport, Bytes& out);
  void answer_own(ByteView bytes, const RecordSet& records, Transport transport, Bytes& out);
  void answer_empty(const Node* node, std::uint32_t serial, Section& section, Bytes& out) const;
  void append_answers(const Node& node, Section& section, Bytes& out);
  void append_additional(const RecordSet& records, Section& section, Bytes& out);
  void drop_answers(Section& section, Bytes& out);
  void append_owner(Section& section, Bytes& out) const;
  void append_soa(std::uint32_t serial, Section& section, Bytes& out) const;
  void append_ns(Section& section, Bytes& out) const;
  void shuffle(std::size_t count);
  bool wants(Type type) const;

  AnswerOptions options_;
  Bytes mname_;
  Bytes rname_;
  Random random_;
  Query query_;  // of the call under way
  std::string lookup_name_;
  std::vector<std::uint32_t> order_;
  std::vector<std::size_t> ends_;                               // of each answer
  std::vector<std::pair<const Target*, std::size_t>> targets_;  // sent, and where their name is
};

}  // namespace ekiden::dns
