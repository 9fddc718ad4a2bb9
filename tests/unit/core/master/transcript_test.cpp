// Runs tests/golden/transcripts/master/*.txt: commands, "----", what came out, an empty line.
// UPDATE_GOLDEN=1 writes the answers anew.
#include "core/base/strings.h"
#include "tests/unit/core/master/script.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace ekiden::master {
namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// The file again, with what really comes out.
std::string replay(const std::string& text) {
  MasterConfig config;
  if (text.find("# offer_timeout") != std::string::npos) {
    config.offer_timeout = std::chrono::seconds(30);
  }
  if (text.find("# removal_limit") != std::string::npos) {
    config.agent_removal_rate_limit = std::pair{1U, Duration(std::chrono::minutes(10))};
  }
  if (text.find("# two_gone") != std::string::npos) {
    config.registry_max_agent_count = 2;
  }
  Script script(config);
  std::string result;
  std::string answer;
  bool in_answer = false;
  for (const std::string_view view : split(text, '\n')) {
    const std::string line(view);
    if (in_answer) {
      if (line.empty()) {
        result += answer + "\n";
        answer.clear();
        in_answer = false;
      }
      continue;
    }
    result += line + "\n";
    if (line == "----") {
      in_answer = true;
    } else if (!line.empty() && line.front() != '#') {
      answer += script.run(line);
    }
  }
  if (in_answer) {
    result += answer;
  } else if (result.ends_with("\n\n") || !text.ends_with("\n")) {
    result.pop_back();
  }
  return result;
}

class Transcript : public testing::TestWithParam<std::string> {};

TEST_P(Transcript, ComesOutAsWritten) {
  const fs::path path =
      fs::path(EKIDEN_SOURCE_DIR) / "tests/golden/transcripts/master" / GetParam();
  const std::string expected = read_text(path);
  const std::string real = replay(expected);
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << real;
    return;
  }
  EXPECT_EQ(real, expected);
}

std::vector<std::string> files() {
  std::vector<std::string> names;
  for (const auto& entry :
       fs::directory_iterator(fs::path(EKIDEN_SOURCE_DIR) / "tests/golden/transcripts/master")) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Master, Transcript, testing::ValuesIn(files()), [](const auto& info) {
  std::string name = info.param.substr(0, info.param.find('.'));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace ekiden::master
