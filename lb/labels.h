#pragma once

#include "core/json/json.h"
#include "lb/service.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ekiden::lb {

// HAPROXY_* labels of one app [discovery 1.10]: those of the app and those of port n.
struct Labels {
  std::map<std::string, std::string> app;                  // HAPROXY_GROUP -> "GROUP"
  std::map<int, std::map<std::string, std::string>> port;  // HAPROXY_0_VHOST -> 0, "VHOST"
};

Labels read_labels(const json::Value& labels);

// Applies the labels of service.index in alphabetical order. Returns the reason when a value is
// malformed or could write lines of its own into the configuration; the app is then left out.
std::optional<std::string> apply_labels(Service& service, const Labels& labels);

// true, t, yes, y in any case.
bool label_is_true(std::string_view value);

}  // namespace ekiden::lb
