#pragma once

#include "lb/apps.h"
#include "lb/service_text.h"
#include "lb/templates.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ekiden::lb {

enum class Https { none, plain, grouped_by_vhost };
enum class Http { none, bound };

struct RenderOptions {
  std::string head;  // used when template HEAD is not replaced
  Http http = Http::bound;
  Https https = Https::plain;
  std::string http_bind = "*:80";  // for the built-in heads
  std::string appid_bind = "*:9091";
  std::string https_bind = "*:443";
  std::vector<std::string> certificates = {"/etc/ssl/cert.pem"};
  TextOptions text;
};

// The configuration and what is needed to change a running HAProxy to it.
struct Rendered {
  struct Owner {
    std::size_t line = 0;  // the first line, counted from 1
    std::string app_id;    // empty: nobody's
  };

  std::string text;      // the file
  std::string skeleton;  // the file without server lines: when it is equal, no reload is needed
  std::map<std::string, std::vector<ServerLine>> servers;  // by backend
  std::string domain_map;
  std::string app_map;
  std::vector<Owner> owners;  // ascending lines
  std::map<std::string, std::string> app_of_backend;
  std::map<std::string, std::pair<std::string, int>> bind_of_backend;  // address and service port
  std::vector<Rejected> rejected;  // services' own and those whose templates cannot be filled

  // The app that wrote a line; empty when it is nobody's.
  std::string_view owner_of(std::size_t line) const;
};

Rendered render(const Services& services, const Templates& templates, const RenderOptions& options);

}  // namespace ekiden::lb
