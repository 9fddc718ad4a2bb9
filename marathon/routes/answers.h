#pragma once

#include "core/base/result.h"
#include "core/json/json.h"
#include "core/net/message.h"
#include "marathon/commands.h"

#include <string>
#include <string_view>

// Answers and request checks that all routes share [marathon-api 1.3 to 1.8].
namespace ekiden::marathon::routes {

net::Response json_answer(int status, std::string body);
net::Response message(int status, std::string_view text);  // shape A
net::Response missing(std::string_view text);              // 404 in shape B
net::Response failure(const Error& error);                 // shapes A and C by the error
net::Response locked(const Locked& locked);                // shape D
net::Response no_content(int status);
net::Response not_allowed();
net::Response redirect(const net::Request& request, std::string_view path);

// {"version", "deploymentId"} with Marathon-Deployment-Id.
net::Response deployment_result(int status, const Applied& applied);
void set_location(net::Response& response, const net::Request& request, std::string_view path);

enum class Default { no, yes };
bool flag(const net::Request& request, std::string_view name, Default when_absent = Default::no);
std::string client_ip(const net::Request& request);
std::string actor_of(const net::Request& request);  // who was authenticated, else the address
bool accepts(const net::Request& request, std::string_view type);
bool has_json_body(const net::Request& request);  // or names no content type

// 400 in Marathon's words when the body is empty or no JSON.
Result<json::Value> parse_body(const net::Request& request);
net::Response bad_body(const Error& error);
Result<WallTime> parse_version(const std::string& text);

}  // namespace ekiden::marathon::routes
