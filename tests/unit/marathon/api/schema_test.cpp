#include "core/json/json.h"
#include "marathon/api/app_form.h"
#include "marathon/api/pod_form.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

// schemas/*.json are written from the tables: UPDATE_GOLDEN=1 writes them anew.
namespace ekiden::marathon::wire {
namespace {

void expect_same(const std::string& file, const std::string& document) {
  const std::string path = std::string(EKIDEN_SOURCE_DIR) + "/schemas/" + file;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {  // NOLINT: one thread
    std::ofstream(path) << document << '\n';
  }
  std::ifstream in(path);
  const std::string stored{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(stored, document + '\n') << path << " differs: run the test with UPDATE_GOLDEN=1";
}

TEST(Schemas, AreThoseOfTheTables) {
  expect_same("app.json", json::schema_document<AppForm>());
  expect_same("group.json", json::schema_document<GroupForm>());
  expect_same("pod.json", json::schema_document<PodForm>());
}

TEST(Schemas, NameEveryMember) {
  const json::Value schema = json::parse(json::schema_document<AppForm>()).value();
  const std::string text = json::to_text(schema);
  EXPECT_NE(text.find("\"healthChecks\""), std::string::npos);
  EXPECT_NE(text.find("\"YOUNGEST_FIRST\""), std::string::npos);
}

}  // namespace
}  // namespace ekiden::marathon::wire
