#include "lb/names.h"

#include "lb/hash.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::lb {

namespace {

constexpr std::uint64_t kServerIds = 32767;
constexpr std::size_t kCookieDigits = 10;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

}  // namespace

std::string clean(std::string_view text) {
  std::string result(text);
  std::replace_if(
      result.begin(), result.end(), [](char c) { return !is_plain(c); }, '_');
  return result;
}

std::string flat_id(std::string_view app_id) {
  std::string result(app_id.substr(app_id.empty() ? 0 : 1));
  std::replace(result.begin(), result.end(), '/', '_');
  return result;
}

std::string backend_name(std::string_view app_id, int port) {
  return fmt::format("{}_{}", flat_id(app_id), port);
}

std::string acl_host(std::string_view first_vhost, std::string_view app_id) {
  return clean(first_vhost) + "_" + flat_id(app_id);
}

std::string server_name(std::string_view host, std::string_view ip, int port) {
  return clean(host == ip ? fmt::format("{}_{}", host, port)
                          : fmt::format("{}_{}_{}", host, ip, port));
}

int server_id(const std::string& name, std::set<int>& taken) {
  std::string text = name;
  while (true) {
    const std::string digest = sha256_hex(text);
    const int id = static_cast<int>(hex_mod(digest, kServerIds));
    if (id > 0 && taken.insert(id).second) {
      return id;
    }
    text += " " + digest;
  }
}

std::string server_cookie(std::string_view name) {
  return sha1_hex(name).substr(0, kCookieDigits);
}

}  // namespace ekiden::lb
