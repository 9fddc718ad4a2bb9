#include "core/wire/legacy.h"

#include "core/json/json.h"
#include "core/wire/files.h"
#include "tests/unit/core/store/temp_folder.h"

#include <fstream>

#include <gtest/gtest.h>

namespace ekiden::wire {
namespace {

net::Request request(const std::string& query) {
  net::Request made;
  made.query = query;
  return made;
}

TEST(PlainPath, DropsTheProcessAndTheOldSuffix) {
  EXPECT_EQ(plain_path("/master/state.json", "master"), "/state");
  EXPECT_EQ(plain_path("/state", "master"), "/state");
  EXPECT_EQ(plain_path("/slave(1)/state", "slave(1)"), "/state");
  EXPECT_EQ(plain_path("/slave%281%29/state", "slave(1)"), "/state");
  EXPECT_EQ(plain_path("/masters/state", "master"), "/masters/state");
  EXPECT_EQ(plain_path("/master", "master"), "/master");
  EXPECT_EQ(plain_path("/system/stats.json", "master"), "/system/stats.json");
  EXPECT_EQ(plain_path("", "master"), "");
}

TEST(FormValues, AreDecodedAndTheFirstCounts) {
  const auto values = form_values("a=1&b=x+y%26z&a=2&c&=d");
  EXPECT_EQ(values.at("a"), "1");
  EXPECT_EQ(values.at("b"), "x y&z");
  EXPECT_EQ(values.at("c"), "");
  EXPECT_EQ(values.at(""), "d");
}

TEST(JsonAnswer, WrapsOnlyInNames) {
  EXPECT_EQ(json_answer(request(""), "{}").body, "{}");
  EXPECT_EQ(json_answer(request("jsonp=a.b_$1"), "{}").body, "a.b_$1({});");
  EXPECT_EQ(json_answer(request("jsonp=a()"), "{}").status, 400);
}

TEST(SystemFacts, AreThoseOfAHost) {
  const SystemFacts facts = system_facts();
  EXPECT_GT(facts.cpus, 0U);
  EXPECT_GT(facts.memory_total_bytes, facts.memory_free_bytes);
  EXPECT_TRUE(json::parse(system_stats_json(facts)));
}

struct Files : testing::Test {
  Files() { std::ofstream(folder.path() + "/log") << "a\xff" << std::string(100'000, 'b'); }

  ResolvePath resolve() const {
    return [root = folder.path()](const std::string& path) -> Result<std::string> {
      if (path == "/secret") {
        return fail(ErrorCode::forbidden, "no");
      }
      if (path != "/v/log" && path != "/v") {
        return fail(ErrorCode::not_found, "none");
      }
      return root + path.substr(2);
    };
  }

  store::TempFolder folder;
};

TEST_F(Files, AreListedUnderTheirVirtualPath) {
  const auto listed = json::parse(browse_files(request("path=/v/"), [this](const std::string&) {
                                    return Result<std::string>(folder.path());
                                  }).body);
  EXPECT_EQ((*listed).as_array().at(0)["path"].as_string(), "/v/log");
  EXPECT_EQ((*listed).as_array().at(0)["size"].as_int(), 100'002);
  EXPECT_EQ(browse_files(request("path=/v/log"), resolve()).body, "[]");
}

TEST_F(Files, AreReadInBoundedPieces) {
  const auto read = [&](const std::string& more) {
    return json::parse(read_files(request("path=/v/log" + more), resolve()).body)
        .value_or(json::Value());
  };
  EXPECT_EQ(read("")["offset"].as_int(), 100'002);
  EXPECT_EQ(read("&offset=0&length=3")["data"].as_string(), "a?b");
  EXPECT_EQ(read("&offset=0")["data"].as_string().size(), static_cast<std::size_t>(kReadBytesMax));
  EXPECT_EQ(read("&offset=200000")["data"].as_string(), "");
  const auto part = read_file("/v/log", {1, 1}, resolve());
  EXPECT_EQ(part->data, "\xff");
}

TEST_F(Files, SayWhyNot) {
  EXPECT_EQ(read_files(request(""), resolve()).status, 400);
  EXPECT_EQ(read_files(request("path=/v/log&offset=x"), resolve()).status, 400);
  EXPECT_EQ(read_files(request("path=/v/log&length=-2"), resolve()).status, 400);
  EXPECT_EQ(read_files(request("path=/v"), resolve()).status, 400);
  EXPECT_EQ(read_files(request("path=/none"), resolve()).status, 404);
  EXPECT_EQ(download_file(request("path=/secret"), resolve()).status, 403);
}

}  // namespace
}  // namespace ekiden::wire
