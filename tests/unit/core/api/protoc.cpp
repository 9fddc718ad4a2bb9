#include "tests/unit/core/api/protoc.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace ekiden::api {
namespace {

namespace fs = std::filesystem;

std::string read_all(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string run(const std::string& option, const std::string& input) {
  std::string folder = (fs::temp_directory_path() / "ekiden-protoc-XXXXXX").string();
  EXPECT_NE(mkdtemp(folder.data()), nullptr);
  const fs::path root(folder);
  std::ofstream(root / "in", std::ios::binary) << input;
  const std::string source = std::string(EKIDEN_SOURCE_DIR) + "/tests/unit/core/api";
  const std::string command = "protoc -I'" + source + "' " + option + " '" + source +
                              "/mesos_v1.proto' <'" + folder + "/in' >'" + folder + "/out' 2>'" +
                              folder + "/errors'";
  EXPECT_EQ(std::system(command.c_str()), 0) << command << "\n" << read_all(root / "errors");
  std::string output = read_all(root / "out");
  fs::remove_all(root);
  return output;
}

}  // namespace

std::string protoc_decode(std::string_view message, const std::string& bytes) {
  return run("--decode=" + std::string(message), bytes);
}

std::string protoc_encode(std::string_view message, const std::string& text) {
  return run("--deterministic_output --encode=" + std::string(message), text);
}

}  // namespace ekiden::api
