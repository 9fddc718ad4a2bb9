#include "core/agent/sandbox_files.h"

#include "core/base/strings.h"
#include "core/json/json.h"
#include "tests/unit/core/agent/temp_folder.h"

#include <gtest/gtest.h>

namespace ekiden::agent {
namespace {

const std::string kRun = "slaves/A/frameworks/F/executors/t/runs/c";

struct Files : testing::Test {
  Files() : files(folder.path()) {
    folder.write(kRun + "/stdout", "hello world");
    folder.write(kRun + "/stderr", "");
    folder.write("secret", "not yours");
    std::filesystem::create_directory_symlink(
        std::filesystem::path(folder.path()) / kRun,
        std::filesystem::path(folder.path()) / "slaves/A/frameworks/F/executors/t/runs/latest");
  }

  net::Request request(const std::string& path, const std::string& more = "") const {
    net::Request one;
    one.query = "path=" + percent_encode(path) + more;
    return one;
  }

  TempFolder folder;
  SandboxFiles files;
};

TEST_F(Files, BrowseListsByPathWithModeAndSize) {
  const auto response = files.browse(request("/frameworks/F/executors/t/runs/latest"), "A");
  ASSERT_EQ(response.status, 200);
  const auto list = *json::parse(response.body);
  ASSERT_EQ(list.as_array().size(), 2U);
  EXPECT_EQ(list.as_array()[1]["path"].as_string(), "/frameworks/F/executors/t/runs/latest/stdout");
  EXPECT_EQ(list.as_array()[1]["size"].as_int(), 11);
  EXPECT_EQ(list.as_array()[1]["mode"].as_string().size(), 10U);
}

TEST_F(Files, ReadGivesPiecesAndTheSize) {
  const std::string path = folder.path() + "/" + kRun + "/stdout";
  EXPECT_EQ(files.read(request(path), "A").body, R"({"offset":11,"data":""})");
  EXPECT_EQ(files.read(request(path, "&offset=6&length=3"), "A").body,
            R"({"offset":6,"data":"wor"})");
  EXPECT_EQ(files.read(request(path, "&offset=6&length=-1"), "A").body,
            R"({"offset":6,"data":"world"})");
  EXPECT_EQ(files.read(request(path, "&offset=60"), "A").body, R"({"offset":60,"data":""})");
  EXPECT_EQ(files.read(request(path, "&offset=x"), "A").status, 400);
  EXPECT_EQ(files.read(request(folder.path() + "/" + kRun), "A").status, 400);
}

TEST_F(Files, BytesThatAreNoTextKeepTheirCount) {
  folder.write(kRun + "/bin", std::string("a\xff\xc3\xa9\xed\xa0\x80z", 8));
  const auto response = files.read(request(folder.path() + "/" + kRun + "/bin", "&offset=0"), "A");
  EXPECT_EQ((*json::parse(response.body))["data"].as_string(), "a?\xc3\xa9???z");
}

TEST_F(Files, DownloadIsTheBytes) {
  const auto response = files.download(request(folder.path() + "/" + kRun + "/stdout"), "A");
  EXPECT_EQ(response.body, "hello world");
  EXPECT_EQ(response.headers.get("Content-Disposition"), "attachment; filename=stdout");
}

TEST_F(Files, NoPathLeavesTheSandboxes) {
  std::filesystem::create_symlink(folder.path() + "/secret", folder.path() + "/" + kRun + "/link");
  const std::string run = folder.path() + "/" + kRun;
  EXPECT_EQ(files.read(request(run + "/../../../../../../../../secret"), "A").status, 400);
  EXPECT_EQ(files.read(request(run + "/link"), "A").status, 400);
  EXPECT_EQ(files.read(request("/etc/passwd"), "A").status, 400);
  EXPECT_EQ(files.download(request("/etc/passwd"), "A").status, 400);
  EXPECT_EQ(files.browse(request("/"), "A").status, 400);
  EXPECT_EQ(files.read(request(folder.path() + "/secret"), "A").status, 400);
  EXPECT_EQ(files.read(request(run + "/nothing"), "A").status, 404);
  EXPECT_EQ(files.read(net::Request{}, "A").status, 400);
}

}  // namespace
}  // namespace ekiden::agent
