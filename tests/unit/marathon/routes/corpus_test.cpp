#include "core/base/strings.h"
#include "tests/unit/marathon/routes/fake_marathon.h"

#include <fstream>

#include <gtest/gtest.h>

// Requests with the answers that real Marathon gives, one per line: tests/golden/wire.
namespace ekiden::marathon::routes {
namespace {

std::vector<json::Value> load_cases(const std::string& file) {
  std::ifstream in(std::string(EKIDEN_SOURCE_DIR) + "/tests/golden/wire/" + file);
  std::vector<json::Value> cases;
  for (std::string line; std::getline(in, line);) {
    if (auto one = json::parse(line); one && !trim(line).empty()) {
      cases.push_back(std::move(*one));
    }
  }
  return cases;
}

Settings settings_of(const json::Value& one) {
  Settings settings;
  settings.mesos_role = one["role"].as_string("*");
  for (const json::Value& feature : one["requires"].as_array()) {
    if (feature.as_string() == "default_network_name") {
      settings.default_network_name = "default-net";
    } else if (feature.as_string() == "new_group_enforce_role") {
      settings.new_group_enforce_role = true;
    } else {
      settings.features.insert(std::string(feature.as_string()));
    }
  }
  return settings;
}

const json::Value* at_pointer(const json::Value& document, const std::string& pointer) {
  const json::Value* value = &document;
  for (std::string_view step : split(std::string_view(pointer).substr(1), '/')) {
    const std::string name = replace_all(replace_all(step, "~1", "/"), "~0", "~");
    if (value->is_array()) {
      const auto index = static_cast<std::size_t>(parse_int(name).value_or(0));
      value = index < value->as_array().size() ? &value->as_array()[index] : nullptr;
    } else {
      value = value->find(name);
    }
    if (value == nullptr) {
      return nullptr;
    }
  }
  return value;
}

bool same(const json::Value& a, const json::Value& b) {
  return a.is_number() && b.is_number() ? a.as_double() == b.as_double() : a == b;
}

bool names_path(const json::Value& answer, std::string_view path) {
  for (const json::Value& detail : answer["details"].as_array()) {
    if (detail["path"].as_string() == path) {
      return true;
    }
  }
  return false;
}

net::Response send(FakeMarathon& marathon, const json::Value& request) {
  const json::Value* body = request.find("body");
  const std::string text = body != nullptr && !body->is_null()
                               ? json::to_text(*body)
                               : std::string(request["raw"].as_string());
  return marathon.call(
      std::string(request["method"].as_string()), std::string(request["path"].as_string()), text);
}

std::string problem_with(const json::Value& one) {
  FakeMarathon marathon(settings_of(one));
  for (const json::Value& before : one["setup"].as_array()) {
    const net::Response answer = send(marathon, before);
    if (answer.status >= 300) {
      return "setup failed: " + answer.body;
    }
  }
  const net::Response response = send(marathon, one);
  const json::Value answer = json::parse(response.body).value_or(json::Value());
  const std::string got = "got " + std::to_string(response.status) + " " + response.body;
  const auto expected = one["expect_status"].as_int();
  const bool loose = one["loose"].as_bool() && response.status / 100 == expected / 100;
  if (response.status != expected && !loose) {
    return got;
  }
  if (const auto fragment = one["expect_fragment"].as_string();
      response.body.find(json::to_text(json::Value(fragment)).substr(1, fragment.size())) ==
          std::string::npos &&
      response.body.find(fragment) == std::string::npos) {
    return "no fragment; " + got;
  }
  if (const auto path = one["expect_path"].as_string();
      !path.empty() && !names_path(answer, path)) {
    return "no path; " + got;
  }
  for (const auto& [pointer, value] : one["expect_json"].as_object()) {
    const json::Value* found = at_pointer(answer, pointer);
    if (found == nullptr || !same(*found, value)) {
      return "not at " + pointer + "; " + got;
    }
  }
  return {};
}

TEST(Corpus, RealRequestsGetTheRealAnswers) {
  const auto cases = load_cases("requests.jsonl");
  ASSERT_GT(cases.size(), 100u);
  for (const json::Value& one : cases) {
    EXPECT_EQ(problem_with(one), "") << one["name"].as_string();
  }
}

}  // namespace
}  // namespace ekiden::marathon::routes
