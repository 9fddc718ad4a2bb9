#include "lb/options_cli.h"

#include "core/base/strings.h"

#include <fstream>

namespace ekiden::lb {
namespace {

std::string basic(const std::string& credentials) {
  return "Basic " + base64_encode(credentials);
}

Flag groups(Options& options) {
  return {"group",
          "Only apps of these groups, comma separated; '*' is all of them",
          "*",
          [&options](const std::string& text) -> Result<void> {
            options.groups.clear();
            for (const auto name : split_nonempty(text, ',')) {
              options.groups.emplace(name);
            }
            return {};
          }};
}

Flag credential_file(Options& options) {
  return {"marathon-auth-credential-file",
          "File whose first line is user:password for Marathon",
          "",
          [&options](const std::string& path) -> Result<void> {
            std::ifstream file(path);
            std::string line;
            if (!std::getline(file, line)) {
              return fail(ErrorCode::invalid, "cannot read user:password from " + path);
            }
            options.authorization = basic(std::string(trim(line)));
            return {};
          }};
}

Flag toggle(std::string name, std::string help, std::function<void(bool)> set) {
  return {std::move(name),
          std::move(help),
          "",
          [set = std::move(set)](const std::string& text) -> Result<void> {
            set(text == "true");
            return {};
          },
          Flag::Kind::toggle};
}

}  // namespace

Flags flags(Options& options) {
  Flag marathon = flag("marathon", options.marathon_url, "Marathon's address");
  marathon.letter = 'm';
  Flags all = {
      std::move(marathon),
      groups(options),
      flag("ip", options.ip, "Address of virtual hosts, statistics and our own API"),
      flag("service-ip", options.service_ip, "Address of service ports; '*': all"),
      flag("http-port", options.http_port, "Port of virtual hosts"),
      flag("https-port", options.https_port, "Port of virtual hosts over TLS, with certificates"),
      flag("appid-port", options.appid_port, "Port of routing by app id"),
      flag("stats-port", options.stats_port, "Port of HAProxy's statistics"),
      flag("admin-port", options.admin_port, "Port of our own API"),
      flag("work-dir", options.work_dir, "Folder of haproxy.cfg, sockets and logs"),
      flag("haproxy", options.haproxy_path, "HAProxy's program"),
      flag("ssl-certs", options.certificates, "Certificates, comma separated"),
      toggle("haproxy-map",
             "Look up virtual hosts in map files",
             [&options](bool on) { options.maps = on ? Maps::yes : Maps::no; }),
      credential_file(options),
      {"auth-credentials",
       "user:password for Marathon",
       "",
       [&options](const std::string& text) -> Result<void> {
         options.authorization = basic(text);
         return {};
       }},
  };
  append(all,
         without_effect(Flag::Kind::value,
                        "haproxy-config,command,max-reload-retries,reload-interval,"
                        "archive-versions,lru-cache-capacity,min-serv-port-ip-per-task,"
                        "max-serv-port-ip-per-task,max-backoff,syslog-socket,log-format,log-level,"
                        "dcos-auth-credentials,marathon-ca-cert"));
  append(all,
         without_effect(
             Flag::Kind::toggle,
             "longhelp,dont-bind-http-https,strict-mode,sse,health-check,group-https-by-vhost,"
             "skip-validation,skip-config-cleanup,dry"));
  return all;
}

}  // namespace ekiden::lb
