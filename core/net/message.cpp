#include "core/net/message.h"

#include "core/base/strings.h"

#include <algorithm>
#include <mutex>

namespace ekiden::net {
namespace {

std::string query_decode(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decode(spaced);
}

// Calls found(value) for each raw value of the name until it returns false.
template <class Found>
void each_query_value(std::string_view query, std::string_view name, Found found) {
  for (std::string_view piece : split_nonempty(query, '&')) {
    const std::size_t equals = piece.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : piece.substr(equals + 1);
    if (query_decode(piece.substr(0, equals)) == name && !found(value)) {
      return;
    }
  }
}

}  // namespace

void Headers::set(std::string_view name, std::string_view value) {
  erase(name);
  add(name, value);
}

void Headers::add(std::string_view name, std::string_view value) {
  all_.emplace_back(name, value);
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const auto& [key, value] : all_) {
    if (iequals(key, name)) {
      return value;
    }
  }
  return std::nullopt;
}

void Headers::erase(std::string_view name) {
  std::erase_if(all_, [name](const auto& header) { return iequals(header.first, name); });
}

std::optional<std::string> Request::query_value(std::string_view name) const {
  std::optional<std::string> first;
  each_query_value(query, name, [&first](std::string_view value) {
    first = query_decode(value);
    return false;
  });
  return first;
}

std::vector<std::string> Request::query_values(std::string_view name) const {
  std::vector<std::string> values;
  each_query_value(query, name, [&values](std::string_view value) {
    values.push_back(query_decode(value));
    return true;
  });
  return values;
}

bool Request::has_query(std::string_view name) const {
  return query_value(name).has_value();
}

Response text_response(int status, std::string body, std::string_view content_type) {
  Response response;
  response.status = status;
  response.headers.set("Content-Type", content_type);
  response.body = std::move(body);
  return response;
}

Response json_response(int status, std::string body) {
  return text_response(status, std::move(body), "application/json");
}

struct Responder::State {
  explicit State(std::function<void(Response)> call) : send(std::move(call)) {}

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() {
    if (send) {
      send(text_response(500, "the request was dropped without an answer"));
    }
  }

  void answer(Response response) {
    std::function<void(Response)> once;
    {
      const std::lock_guard lock(mutex);
      once.swap(send);
    }
    if (once) {
      once(std::move(response));
    }
  }

  std::mutex mutex;
  std::function<void(Response)> send;
};

Responder::Responder(std::function<void(Response)> send)
    : state_(std::make_shared<State>(std::move(send))) {}

void Responder::operator()(Response response) const {
  state_->answer(std::move(response));
}

}  // namespace ekiden::net
