#pragma once

#include "lb/render.h"

#include <string>
#include <string_view>
#include <vector>

namespace ekiden::lb {

std::string read_file(const std::string& path);
// Lines without leading, trailing and repeated blanks; empty lines are left out.
std::vector<std::string> normal_lines(std::string_view text);

// One app in host mode: members of the app object beside id, ports and one task.
struct AnApp {
  std::string id = "/g/web";
  std::string labels{};  // "\"HAPROXY_0_VHOST\": \"a.test\""
  std::string more{};    // further members, with a leading comma
  int port = 10000;
  int tasks = 1;
};

std::string app_json(const AnApp& app);
json::Array parse_apps(const std::vector<std::string>& apps);
// "localhost" is 127.0.0.1, addresses are themselves, all else is unknown.
std::optional<std::string> fake_resolve(const std::string& host);
Rendered rendered(const json::Array& apps,
                  const AppsOptions& options = {},
                  const RenderOptions& render_options = {});

}  // namespace ekiden::lb
