#include "core/wire/authentication.h"

#include "core/base/log.h"
#include "core/base/strings.h"
#include "core/json/json.h"

#include <fstream>
#include <sstream>
#include <utility>

#include <fmt/core.h>
#include <sys/stat.h>

namespace ekiden::wire {
namespace {

constexpr std::string_view kFileScheme = "file://";

// Looks at every byte of `given`, whatever it finds.
bool same_secret(std::string_view given, std::string_view wanted) {
  unsigned difference = given.size() == wanted.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const char other = wanted.empty() ? '\0' : wanted[i % wanted.size()];
    difference |= static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(other);
  }
  return difference == 0;
}

std::string path_of(const std::string& value) {
  return value.starts_with(kFileScheme) ? value.substr(kFileScheme.size()) : value;
}

Result<std::string> read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) {
    return fail(ErrorCode::not_found, fmt::format("cannot read '{}'", path));
  }
  return std::move(text).str();
}

}  // namespace

Result<Credentials> Credentials::parse(std::string_view text) {
  Credentials made;
  const auto add = [&made](std::string_view principal, std::string_view secret) {
    made.secrets_.emplace(principal, secret);
  };
  if (trim(text).starts_with('{')) {
    const auto value = json::parse(text);
    if (!value) {
      return fail(ErrorCode::malformed, "the credentials are not valid JSON");
    }
    json::Array entries = (*value)["credentials"].as_array();
    if (value->find("principal") != nullptr) {
      entries.push_back(*value);
    }
    for (const json::Value& entry : entries) {
      if (!entry["principal"].is_string() || !entry["secret"].is_string()) {
        return fail(ErrorCode::invalid, "each of the credentials needs 'principal' and 'secret'");
      }
      add(entry["principal"].as_string(), entry["secret"].as_string());
    }
  } else {
    for (const std::string_view line : split_nonempty(text, '\n')) {
      const auto words = split_nonempty(trim(line), ' ');
      if (words.size() != 2 && !words.empty()) {
        return fail(ErrorCode::invalid, "each line of the credentials is 'principal secret'");
      }
      if (!words.empty()) {
        add(words[0], words[1]);
      }
    }
  }
  if (made.empty()) {
    return fail(ErrorCode::invalid, "there are no credentials");
  }
  return made;
}

Credentials Credentials::single(std::string principal, std::string secret) {
  Credentials made;
  made.secrets_.emplace(std::move(principal), std::move(secret));
  return made;
}

Result<Credentials> Credentials::load(const std::string& file) {
  const std::string path = path_of(file);
  auto text = read_text(path);
  if (!text) {
    return fail(std::move(text.error()));
  }

  struct stat info {};

  if (::stat(path.c_str(), &info) == 0 && (info.st_mode & S_IRWXO) != 0) {
    log::warn("everybody may read the credentials in {}: chmod o-rwx it", path);
  }
  auto parsed = parse(*text);
  if (!parsed) {
    return fail(parsed.error().code, fmt::format("{}: {}", path, parsed.error().message));
  }
  return parsed;
}

std::optional<std::string> Credentials::principal(const net::Headers& headers) const {
  const auto header = headers.get("Authorization");
  const std::string_view scheme = "Basic ";
  if (!header || header->size() < scheme.size() ||
      !iequals(header->substr(0, scheme.size()), scheme)) {
    return std::nullopt;
  }
  const auto pair = base64_decode(trim(header->substr(scheme.size())));
  const std::size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) {
    return std::nullopt;
  }
  const std::string_view name = std::string_view(*pair).substr(0, colon);
  const std::string_view secret = std::string_view(*pair).substr(colon + 1);
  const auto found = secrets_.find(name);
  const bool same = same_secret(secret, found == secrets_.end() ? "" : found->second);
  return found != secrets_.end() && same ? std::optional(std::string(name)) : std::nullopt;
}

net::Response unauthorized(std::string_view realm) {
  auto response = net::text_response(401, "");
  response.headers.set("WWW-Authenticate", fmt::format("Basic realm=\"{}\"", realm));
  return response;
}

net::Handler authenticated(std::shared_ptr<const Credentials> credentials,
                           std::string realm,
                           net::Handler handler) {
  return [credentials = std::move(credentials),
          realm = std::move(realm),
          handler = std::move(handler)](net::Request request, net::Responder respond) {
    auto principal = credentials->principal(request.headers);
    if (!principal) {
      respond(unauthorized(realm));
      return;
    }
    request.principal = std::move(*principal);
    handler(std::move(request), std::move(respond));
  };
}

Result<std::string> flag_text(const std::string& value) {
  if (value.starts_with(kFileScheme) || value.starts_with('/')) {
    return read_text(path_of(value));
  }
  return value;
}

}  // namespace ekiden::wire
