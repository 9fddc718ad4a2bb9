#include "marathon/routes/answers.h"

#include "core/base/strings.h"
#include "core/base/time.h"

#include <map>

#include <fmt/core.h>

namespace ekiden::marathon::routes {
namespace {

constexpr std::string_view kLockedText =
    "App is locked by one or more deployments. Override with the option '?force=true'. View "
    "details "
    "at '/v2/deployments/<DEPLOYMENT_ID>'.";
constexpr std::string_view kEndOfInput = "No content to map due to end-of-input";

// One entry per path, in the order in which the paths were found [4.1].
json::Array details(const std::vector<Problem>& problems) {
  json::Array all;
  std::map<std::string, std::size_t> places;
  for (const Problem& problem : problems) {
    const auto [place, fresh] = places.emplace(problem.path, all.size());
    if (fresh) {
      all.emplace_back(json::Object{{"path", problem.path}, {"errors", json::Array{}}});
    }
    all[place->second].find("errors")->array().emplace_back(problem.reason);
  }
  return all;
}

std::string_view media_type(std::string_view header) {
  return trim(header.substr(0, header.find(';')));
}

bool is_refused(std::string_view range) {
  const std::size_t q = range.find("q=");
  return q != std::string_view::npos && parse_double(trim(range.substr(q + 2))) == 0.0;
}

}  // namespace

net::Response json_answer(int status, std::string body) {
  net::Response response;
  response.status = status;
  response.headers.set("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

net::Response message(int status, std::string_view text) {
  return json_answer(status, json::to_text(json::Object{{"message", text}}));
}

net::Response missing(std::string_view text) {
  return json_answer(404,
                     json::to_text(json::Object{{"message", text}, {"details", json::Array{}}}));
}

net::Response failure(const Error& error) {
  if (error.code == ErrorCode::malformed) {
    return bad_body(error);
  }
  const int status = http_status(error.code);
  if (error.code == ErrorCode::invalid) {
    return error.problems.empty()
               ? message(422, error.message)
               : json_answer(422,
                             json::to_text(json::Object{{"message", error.message},
                                                        {"details", details(error.problems)}}));
  }
  return message(status, error.message);
}

net::Response locked(const Locked& locked) {
  json::Array deployments;
  for (const DeploymentId& id : locked.deployments) {
    deployments.emplace_back(json::Object{{"id", id.value}});
  }
  return json_answer(409,
                     json::to_text(json::Object{{"message", kLockedText},
                                                {"deployments", std::move(deployments)}}));
}

net::Response no_content(int status) {
  net::Response response;
  response.status = status;
  return response;
}

net::Response not_allowed() {
  return message(405, "Method Not Allowed");
}

net::Response redirect(const net::Request& request, std::string_view path) {
  net::Response response;
  response.status = 302;
  set_location(response, request, path);
  return response;
}

net::Response deployment_result(int status, const Applied& applied) {
  net::Response response =
      json_answer(status,
                  json::to_text(json::Object{{"version", to_iso8601(applied.version)},
                                             {"deploymentId", applied.deployment.value}}));
  response.headers.set("Marathon-Deployment-Id", applied.deployment.value);
  return response;
}

void set_location(net::Response& response, const net::Request& request, std::string_view path) {
  const auto host = request.headers.get("Host");
  response.headers.set("Location",
                       host ? fmt::format("http://{}{}", *host, path) : std::string(path));
}

bool flag(const net::Request& request, std::string_view name, Default when_absent) {
  const auto value = request.query_value(name);
  return value && !value->empty() ? iequals(*value, "true") : when_absent == Default::yes;
}

std::string actor_of(const net::Request& request) {
  return request.principal.empty() ? client_ip(request) : request.principal;
}

std::string client_ip(const net::Request& request) {
  const std::size_t colon = request.remote.rfind(':');
  return request.remote.substr(0, colon);
}

bool accepts(const net::Request& request, std::string_view type) {
  bool named = false;
  const std::string group = std::string(type.substr(0, type.find('/'))) + "/*";
  for (const auto& [name, value] : request.headers.all()) {
    if (!iequals(name, "Accept")) {
      continue;
    }
    for (std::string_view range : split_nonempty(value, ',')) {
      named = true;
      const std::string_view media = media_type(range);
      const bool fits = media == "*/*" || iequals(media, group) || iequals(media, type);
      if (fits && !is_refused(range)) {
        return true;
      }
    }
  }
  return !named;
}

bool has_json_body(const net::Request& request) {
  const auto type = request.headers.get("Content-Type");
  return !type || type->empty() || iequals(media_type(*type), "application/json");
}

Result<json::Value> parse_body(const net::Request& request) {
  if (trim(request.body).empty()) {
    return fail(ErrorCode::malformed, std::string(kEndOfInput));
  }
  return json::parse(request.body);
}

net::Response bad_body(const Error& error) {
  const bool empty = error.message == kEndOfInput;
  return json_answer(400,
                     json::to_text(json::Object{
                         {"message", empty ? "Please specify data in JSON format" : "Invalid JSON"},
                         {"details", error.message}}));
}

Result<WallTime> parse_version(const std::string& text) {
  auto version = parse_iso8601(text);
  if (!version) {
    return fail(ErrorCode::invalid,
                "Invalid timestamp provided '" + text + "'. Expecting ISO-8601 datetime string.");
  }
  return version;
}

}  // namespace ekiden::marathon::routes
