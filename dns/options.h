#pragma once

#include "dns/records.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ekiden::dns {

enum class Feature { on, off };

// Mesos-DNS's configuration [discovery 3.2] and what is new here. Names of the file's keys in
// brackets where they differ.
struct Options {
  std::vector<std::string> masters;  // "http://127.0.0.1:5050" or "127.0.0.1:5050"
  std::string domain = "mesos";
  std::string ip = "127.0.0.1";  // [listener]
  std::uint16_t port = 53;
  std::string http_ip = "127.0.0.1";  // [httpListener]
  std::uint16_t http_port = 8123;
  Feature http = Feature::on;          // [httpOn]
  Feature external = Feature::on;      // [externalOn] forward names outside the domain
  Feature recursion = Feature::on;     // [recurseOn] the RA bit
  Feature truncate_bit = Feature::on;  // [setTruncateBit]
  Feature enumeration = Feature::on;   // [enumerationOn]
  Feature health = Feature::on;        // new: unhealthy tasks have no records
  Feature rfc952 = Feature::off;       // [enforceRFC952]
  std::chrono::seconds ttl{60};
  std::chrono::seconds refresh{60};  // [refreshSeconds]
  std::chrono::seconds state_timeout{300};
  std::chrono::seconds timeout{5};  // of upstream resolvers
  std::vector<IpSource> ip_sources{IpSource::netinfo, IpSource::mesos, IpSource::host};
  // Upstreams, "IP" or "IP:port"; none: those of /etc/resolv.conf.
  std::vector<std::string> resolvers;
  std::vector<std::pair<std::string, std::vector<std::string>>> zone_resolvers;
  std::string soa_mname = "ns1.mesos";
  std::string soa_rname = "root.ns1.mesos";
  std::uint32_t soa_refresh = 60;
  std::uint32_t soa_retry = 600;
  std::uint32_t soa_expire = 86400;
  std::uint32_t soa_minttl = 60;        // shown, not used: the minimum is the TTL
  std::uint16_t srv_weight = 1;         // [srvRecordDefaultWeight]
  std::uint16_t udp_size_max = 4096;    // new: what EDNS may ask for
  Feature master_https = Feature::off;  // [mesosHTTPSOn]
  std::string ca_cert_file;             // without it the master's certificate is not checked
  std::string user;                     // [mesosCredentials.principal]
  std::string password;                 // [mesosCredentials.secret]
  std::string work_dir;                 // new: keeps the last records; empty: they are not kept
};

}  // namespace ekiden::dns
