#include "core/agent/cgroup_spares.h"

#include "core/agent/disk_usage.h"
#include "tests/unit/core/agent/temp_folder.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace ekiden::agent {
namespace {

namespace fs = std::filesystem;

std::size_t count(const std::string& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(CgroupSpares, areGivenAwayUnderTheNameOfAContainer) {
  TempFolder folder;
  CgroupSpares spares({folder.path()});
  EXPECT_FALSE(spares.take(folder.path(), folder.path() + "/early")) << "none is there yet";
  spares.refill();
  EXPECT_EQ(count(folder.path()), CgroupSpares::kMax);
  EXPECT_TRUE(spares.take(folder.path(), folder.path() + "/container"));
  EXPECT_TRUE(fs::exists(folder.path() + "/container"));
  EXPECT_FALSE(spares.take("/elsewhere", "/elsewhere/container"));
  spares.refill();
  EXPECT_EQ(count(folder.path()), CgroupSpares::kMax + 1);
  spares.remove_all();
  EXPECT_EQ(count(folder.path()), 1U) << "containers stay";
}

TEST(CgroupSpares, ofAnEarlierLifeAreUsedAgain) {
  TempFolder folder;
  CgroupSpares({folder.path()}).refill();
  CgroupSpares later({folder.path()});
  later.refill();
  EXPECT_EQ(count(folder.path()), CgroupSpares::kMax);
  later.remove_all();
  EXPECT_EQ(count(folder.path()), 0U);
}

TEST(DiskUsage, countsFilesAndNotWhatLinksPointTo) {
  TempFolder folder;
  const std::string big(1 << 20, 'x');
  fs::create_directories(folder.path() + "/sandbox/inner");
  std::ofstream(folder.path() + "/sandbox/inner/file") << big;
  std::ofstream(folder.path() + "/volume") << big << big << big;
  fs::create_symlink(folder.path() + "/volume", folder.path() + "/sandbox/link");
  const std::uint64_t bytes = measure_folder(folder.path() + "/sandbox");
  EXPECT_GE(bytes, big.size());
  EXPECT_LT(bytes, 2 * big.size());
}

}  // namespace
}  // namespace ekiden::agent
