// Runs tests/golden/transcripts/allocator/*.txt: the first line may give options ("# options ..."),
// then commands, "----", what came out, an empty line. UPDATE_GOLDEN=1 writes the answers anew.
#include "core/base/strings.h"
#include "tests/unit/core/allocator/script.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace ekiden::allocator {
namespace {

namespace fs = std::filesystem;

fs::path folder() {
  return fs::path(EKIDEN_SOURCE_DIR) / "tests/golden/transcripts/allocator";
}

std::string read_text(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// The file again, with what really comes out.
std::string replay(const std::string& text) {
  const std::string first = text.substr(0, text.find('\n'));
  Script script(first.starts_with("# options ") ? first.substr(10) : "");
  std::string result;
  std::string answer;
  bool in_answer = false;
  for (const std::string_view view :
       split(std::string_view(text).substr(0, text.size() - 1), '\n')) {
    const std::string line(view);
    if (in_answer && !line.empty()) {
      continue;
    }
    if (in_answer) {
      result += answer;
      answer.clear();
      in_answer = false;
    }
    result += line + "\n";
    if (line == "----") {
      in_answer = true;
    } else if (!line.empty() && line.front() != '#') {
      answer += script.run(line);
    }
  }
  return result + answer;
}

class AllocatorTranscript : public testing::TestWithParam<std::string> {};

TEST_P(AllocatorTranscript, ComesOutAsWritten) {
  const std::string expected = read_text(folder() / GetParam());
  const std::string real = replay(expected);
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(folder() / GetParam()) << real;
    return;
  }
  EXPECT_EQ(real, expected);
}

std::vector<std::string> files() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder())) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Files,
                         AllocatorTranscript,
                         testing::ValuesIn(files()),
                         [](const auto& info) {
                           return info.param.substr(0, info.param.find('.'));
                         });

}  // namespace
}  // namespace ekiden::allocator
