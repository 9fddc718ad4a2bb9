#include "dns/options_cli.h"

namespace ekiden::dns {
namespace {

Flag seconds_flag(std::string name, std::chrono::seconds& target, std::string help) {
  return {std::move(name),
          std::move(help) + ", seconds",
          std::to_string(target.count()),
          [&target](const std::string& text) -> Result<void> {
            const auto number = whole_number(text, 1, 1'000'000'000);
            if (!number) {
              return fail(number.error());
            }
            target = std::chrono::seconds(*number);
            return {};
          }};
}

}  // namespace

Flags flags(Options& options) {
  return {flag("masters", options.masters, "Masters to ask, comma separated: http://host:5050"),
          flag("domain", options.domain, "Domain of all names"),
          flag("ip", options.ip, "Address to listen on"),
          flag("port", options.port, "Port of the DNS server, UDP and TCP"),
          flag("http_ip", options.http_ip, "Address of the HTTP API"),
          flag("http_port", options.http_port, "Port of the HTTP API"),
          flag("resolvers", options.resolvers, "Servers for names outside of the domain"),
          seconds_flag("ttl", options.ttl, "How long answers may be kept"),
          seconds_flag("refresh", options.refresh, "How often the master is asked at the latest"),
          flag("work_dir", options.work_dir, "Folder that keeps the last records over a restart")};
}

}  // namespace ekiden::dns
