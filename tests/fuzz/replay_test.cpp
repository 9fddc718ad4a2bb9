#include "tests/fuzz/targets.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

// The corpus, without a fuzzer: what was found once stays found.
namespace ekiden::fuzz {
namespace {

namespace fs = std::filesystem;

class Replay : public testing::TestWithParam<Target> {};

TEST_P(Replay, TheCorpusIsHarmless) {
  const fs::path corpus =
      fs::path(EKIDEN_SOURCE_DIR) / "tests/fuzz/corpus" / std::string(GetParam().name);
  int inputs = 0;
  for (const auto& entry : fs::directory_iterator(corpus)) {
    SCOPED_TRACE(entry.path().string());
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    const std::string whole = bytes.str();
    GetParam().run(whole);
    for (std::size_t cut = 0; cut < whole.size() && cut < 64; ++cut) {  // and cut off anywhere
      GetParam().run(std::string_view(whole).substr(0, whole.size() * cut / 64));
    }
    ++inputs;
  }
  EXPECT_GT(inputs, 0);
}

INSTANTIATE_TEST_SUITE_P(Corpus, Replay, testing::ValuesIn(kTargets), [](const auto& info) {
  return std::string(info.param.name);
});

}  // namespace
}  // namespace ekiden::fuzz
