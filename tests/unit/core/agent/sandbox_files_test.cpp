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
  const auto response =
      wire::browse_files(request("/frameworks/F/executors/t/runs/latest"), files.resolver("A"));
  ASSERT_EQ(response.status, 200);
  const auto list = *json::parse(response.body);
  ASSERT_EQ(list.as_array().size(), 2U);
  EXPECT_EQ(list.as_array()[1]["path"].as_string(), "/frameworks/F/executors/t/runs/latest/stdout");
  EXPECT_EQ(list.as_array()[1]["size"].as_int(), 11);
  EXPECT_EQ(list.as_array()[1]["mode"].as_string().size(), 10U);
}

TEST_F(Files, ReadGivesPiecesAndTheSize) {
  const std::string path = folder.path() + "/" + kRun + "/stdout";
  EXPECT_EQ(wire::read_files(request(path), files.resolver("A")).body,
            R"({"offset":11,"data":""})");
  EXPECT_EQ(wire::read_files(request(path, "&offset=6&length=3"), files.resolver("A")).body,
            R"({"offset":6,"data":"wor"})");
  EXPECT_EQ(wire::read_files(request(path, "&offset=6&length=-1"), files.resolver("A")).body,
            R"({"offset":6,"data":"world"})");
  EXPECT_EQ(wire::read_files(request(path, "&offset=60"), files.resolver("A")).body,
            R"({"offset":60,"data":""})");
  EXPECT_EQ(wire::read_files(request(path, "&offset=x"), files.resolver("A")).status, 400);
  EXPECT_EQ(wire::read_files(request(folder.path() + "/" + kRun), files.resolver("A")).status, 400);
}

TEST_F(Files, BytesThatAreNoTextKeepTheirCount) {
  folder.write(kRun + "/bin", std::string("a\xff\xc3\xa9\xed\xa0\x80z", 8));
  const auto response = wire::read_files(request(folder.path() + "/" + kRun + "/bin", "&offset=0"),
                                         files.resolver("A"));
  EXPECT_EQ((*json::parse(response.body))["data"].as_string(), "a?\xc3\xa9???z");
}

TEST_F(Files, DownloadIsTheBytes) {
  const auto response =
      wire::download_file(request(folder.path() + "/" + kRun + "/stdout"), files.resolver("A"));
  EXPECT_EQ(response.body, "hello world");
  EXPECT_EQ(response.headers.get("Content-Disposition"), "attachment; filename=stdout");
}

TEST_F(Files, NoPathLeavesTheSandboxes) {
  std::filesystem::create_symlink(folder.path() + "/secret", folder.path() + "/" + kRun + "/link");
  const std::string run = folder.path() + "/" + kRun;
  EXPECT_EQ(wire::read_files(request(run + "/../../../../../../../../secret"), files.resolver("A"))
                .status,
            400);
  EXPECT_EQ(wire::read_files(request(run + "/link"), files.resolver("A")).status, 400);
  EXPECT_EQ(wire::read_files(request("/etc/passwd"), files.resolver("A")).status, 400);
  EXPECT_EQ(wire::download_file(request("/etc/passwd"), files.resolver("A")).status, 400);
  EXPECT_EQ(wire::browse_files(request("/"), files.resolver("A")).status, 400);
  EXPECT_EQ(wire::read_files(request(folder.path() + "/secret"), files.resolver("A")).status, 400);
  EXPECT_EQ(wire::read_files(request(run + "/nothing"), files.resolver("A")).status, 404);
  EXPECT_EQ(wire::read_files(net::Request{}, files.resolver("A")).status, 400);
}

}  // namespace
}  // namespace ekiden::agent
