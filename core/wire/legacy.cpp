#include "core/wire/legacy.h"

#include "core/base/strings.h"
#include "core/json/json.h"

#include <cctype>

#include <fmt/core.h>
#include <stdlib.h>
#include <sys/sysinfo.h>

namespace ekiden::wire {
namespace {

// The newest Mesos whose APIs these are.
constexpr BuildInfo kBuild{"1.11.0", "2026-01-01 00:00:00", 1767225600.0, "ekiden"};

bool is_callback(std::string_view text) {
  for (const char letter : text) {
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0 && letter != '_' && letter != '.' &&
        letter != '$') {
      return false;
    }
  }
  return true;
}

std::string form_decode(std::string_view text) {
  return percent_decode(replace_all(text, "+", " "));
}

}  // namespace

std::string plain_path(std::string_view path, std::string_view process) {
  std::string text(path);
  const std::size_t slash = text.find('/', 1);
  if (slash != std::string::npos && percent_decode(text.substr(1, slash - 1)) == process) {
    text.erase(0, slash);
  }
  // A name of its own, not an old one.
  if (text.ends_with(".json") && text != "/system/stats.json") {
    text.resize(text.size() - std::string_view(".json").size());
  }
  return text;
}

net::Response json_answer(const net::Request& request, std::string body) {
  const std::string callback = request.query_value("jsonp").value_or("");
  if (callback.empty()) {
    return net::json_response(200, std::move(body));
  }
  if (!is_callback(callback)) {
    return net::text_response(400, "Not a callback name.\n");
  }
  return net::text_response(200, callback + "(" + body + ");", "text/javascript");
}

std::map<std::string, std::string> form_values(std::string_view body) {
  std::map<std::string, std::string> values;
  for (const std::string_view pair : split_nonempty(body, '&')) {
    const std::size_t equals = pair.find('=');
    const auto value = equals == pair.npos ? std::string_view() : pair.substr(equals + 1);
    values.emplace(form_decode(trim(pair.substr(0, equals))), form_decode(value));
  }
  return values;
}

const BuildInfo& build_info() {
  return kBuild;
}

std::string version_json() {
  json::Writer w;
  w.begin_object().member("version", kBuild.version).member("build_date", kBuild.date);
  w.key("build_time").number(kBuild.time).member("build_user", kBuild.user).end_object();
  return w.take();
}

std::string flags_json(const std::map<std::string, std::string>& flags) {
  json::Writer w;
  w.begin_object().key("flags").begin_object();
  for (const auto& [name, value] : flags) {
    w.member(name, value);
  }
  w.end_object().end_object();
  return w.take();
}

SystemFacts system_facts() {
  SystemFacts facts;
  double loads[3] = {};
  if (::getloadavg(loads, 3) == 3) {
    facts.load_1 = loads[0];
    facts.load_5 = loads[1];
    facts.load_15 = loads[2];
  }
  facts.cpus = static_cast<unsigned>(::get_nprocs());

  struct sysinfo info {};

  if (::sysinfo(&info) == 0) {
    facts.memory_total_bytes = static_cast<double>(info.totalram) * info.mem_unit;
    facts.memory_free_bytes = static_cast<double>(info.freeram) * info.mem_unit;
  }
  return facts;
}

std::string system_stats_json(const SystemFacts& facts) {
  json::Writer w;
  w.begin_object().key("avg_load_15min").number(facts.load_15);
  w.key("avg_load_1min").number(facts.load_1).key("avg_load_5min").number(facts.load_5);
  w.key("cpus_total").integer(facts.cpus);
  w.key("mem_free_bytes").number(facts.memory_free_bytes);
  w.key("mem_total_bytes").number(facts.memory_total_bytes).end_object();
  return w.take();
}

std::vector<std::pair<std::string, double>> system_metrics(const SystemFacts& facts) {
  return {{"system/cpus_total", facts.cpus},
          {"system/load_15min", facts.load_15},
          {"system/load_1min", facts.load_1},
          {"system/load_5min", facts.load_5},
          {"system/mem_free_bytes", facts.memory_free_bytes},
          {"system/mem_total_bytes", facts.memory_total_bytes}};
}

}  // namespace ekiden::wire
