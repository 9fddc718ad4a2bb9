#pragma once

#include <set>
#include <string>
#include <string_view>

namespace ekiden::lb {

// The names that appear in the configuration [discovery 1.13, 1.14]. Clients, dashboards and saved
// server state depend on them: they never change for the same input.

// Every character outside [A-Za-z0-9-] becomes '_'.
std::string clean(std::string_view text);
// "/g/web" -> "g_web": without the first character, '/' becomes '_', all else stays.
std::string flat_id(std::string_view app_id);
std::string backend_name(std::string_view app_id, int port);
std::string acl_host(std::string_view first_vhost, std::string_view app_id);
std::string server_name(std::string_view host, std::string_view ip, int port);
// 1..32766, not in `taken`, to which it is added.
int server_id(const std::string& name, std::set<int>& taken);
std::string server_cookie(std::string_view name);

}  // namespace ekiden::lb
