#include "core/net/router.h"

#include "core/base/strings.h"

#include <algorithm>
#include <tuple>

namespace ekiden::net {
namespace {

// Which matching pattern wins: most literals, then one whose greedy part is not empty, then length.
using Rank = std::tuple<std::size_t, bool, std::size_t>;

struct Match {
  Rank rank;
  std::map<std::string, std::string> params;
};

struct Span {
  std::size_t from = 0;
  std::size_t count = 0;
};

std::string join_range(const std::vector<std::string>& parts, Span span) {
  std::string text;
  for (std::size_t i = span.from; i < span.from + span.count; ++i) {
    if (i != span.from) {
      text += '/';
    }
    text += parts[i];
  }
  return text;
}

std::optional<Match> match(std::string_view pattern, const std::vector<std::string>& path) {
  const auto wanted = split_nonempty(pattern, '/');
  const auto greedy = std::find_if(
      wanted.begin(), wanted.end(), [](std::string_view segment) { return segment[0] == '*'; });
  const bool has_greedy = greedy != wanted.end();
  if (has_greedy ? path.size() + 1 < wanted.size() : path.size() != wanted.size()) {
    return std::nullopt;
  }
  Match found;
  std::size_t literals = 0;
  bool greedy_empty = false;
  std::size_t at = 0;
  for (const std::string_view segment : wanted) {
    if (segment[0] == '*') {
      const std::size_t count = path.size() + 1 - wanted.size();
      greedy_empty = count == 0;
      found.params.emplace(segment.substr(1), join_range(path, {at, count}));
      at += count;
      continue;
    }
    if (segment[0] == ':') {
      found.params.emplace(segment.substr(1), path[at]);
    } else if (segment == path[at]) {
      ++literals;
    } else {
      return std::nullopt;
    }
    ++at;
  }
  found.rank = {literals, !greedy_empty, wanted.size()};
  return found;
}

bool answers(const Route& route, std::string_view method) {
  return route.method == method || (method == "HEAD" && route.method == "GET");
}

}  // namespace

Router::Router(std::vector<Route> routes)
    : routes_(std::move(routes)),
      not_found_([](const Request& request) {
        return text_response(404, "there is nothing at " + request.path);
      }),
      not_allowed_([](const Request& request, const std::vector<std::string>& allowed) {
        return text_response(405,
                             request.method + " is not possible at " + request.path + "; use " +
                                 join(allowed, ", "));
      }) {}

Router& Router::on_not_found(NotFound answer) {
  not_found_ = std::move(answer);
  return *this;
}

Router& Router::on_not_allowed(NotAllowed answer) {
  not_allowed_ = std::move(answer);
  return *this;
}

void Router::operator()(Request request, Responder respond) const {
  std::vector<std::string> path;
  for (const std::string_view segment : split_nonempty(request.path, '/')) {
    path.push_back(percent_decode(segment));
  }
  std::vector<std::pair<const Route*, Match>> candidates;
  std::size_t literals_most = 0;
  for (const Route& route : routes_) {
    if (auto found = match(route.pattern, path)) {
      literals_most = std::max(literals_most, std::get<0>(found->rank));
      candidates.emplace_back(&route, std::move(*found));
    }
  }
  // A path belongs to its most literal patterns: /v2/apps/a/tasks is never the app "a/tasks", even
  // for a method that only /v2/apps/*id has.
  std::erase_if(candidates, [literals_most](const auto& candidate) {
    return std::get<0>(candidate.second.rank) < literals_most;
  });
  std::pair<const Route*, Match>* best = nullptr;
  std::vector<std::string> allowed;
  for (auto& candidate : candidates) {
    allowed.push_back(candidate.first->method);
    const bool exact = best != nullptr && best->second.rank == candidate.second.rank &&
                       candidate.first->method == request.method &&
                       best->first->method != request.method;
    if (answers(*candidate.first, request.method) &&
        (best == nullptr || exact || best->second.rank < candidate.second.rank)) {
      best = &candidate;
    }
  }
  if (best != nullptr) {
    request.params = std::move(best->second.params);
    best->first->handler(std::move(request), std::move(respond));
    return;
  }
  if (candidates.empty()) {
    respond(not_found_(request));
    return;
  }
  std::sort(allowed.begin(), allowed.end());
  allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
  Response response = not_allowed_(request, allowed);
  if (!response.headers.get("Allow")) {
    response.headers.set("Allow", join(allowed, ", "));
  }
  respond(std::move(response));
}

}  // namespace ekiden::net
