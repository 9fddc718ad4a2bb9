#include "core/agent/daemon_setup.h"

#include "tests/unit/core/agent/temp_folder.h"

#include <filesystem>

#include <gtest/gtest.h>

namespace ekiden::agent {
namespace {

using Policy = Options::Reconfiguration;

model::AgentInfo info(const std::string& resources, const std::string& attributes) {
  model::AgentInfo result;
  result.hostname = "host";
  result.resources = model::parse_resources(resources, "*")->list();
  result.attributes = model::parse_attributes(attributes).value();
  return result;
}

TEST(Reconfiguration, equalAllowsNoChange) {
  const auto before = info("cpus:4;mem:1024", "rack:r1");
  EXPECT_FALSE(reconfiguration_problem(Policy::equal, before, before));
  EXPECT_TRUE(reconfiguration_problem(Policy::equal, before, info("cpus:5;mem:1024", "rack:r1")));
  EXPECT_TRUE(reconfiguration_problem(Policy::equal, before, info("cpus:4;mem:1024", "rack:r2")));
  EXPECT_TRUE(
      reconfiguration_problem(Policy::equal, before, info("cpus:4;mem:1024", "rack:r1;a:b")));
}

TEST(Reconfiguration, additiveAllowsMoreOfEverythingAndNothingLess) {
  auto before = info("cpus:4;mem:1024", "rack:r1");
  auto now = info("cpus:5;mem:1024;gpus:1", "rack:r1;a:b");
  now.domain.emplace();
  EXPECT_FALSE(reconfiguration_problem(Policy::additive, before, now));
  EXPECT_TRUE(reconfiguration_problem(Policy::additive, now, before));
  EXPECT_TRUE(
      reconfiguration_problem(Policy::additive, before, info("cpus:3;mem:1024", "rack:r1")));
  EXPECT_TRUE(reconfiguration_problem(Policy::additive, before, info("cpus:4;mem:1024", "a:b")));
  now.hostname = "other";
  EXPECT_TRUE(reconfiguration_problem(Policy::additive, before, now));
  EXPECT_FALSE(reconfiguration_problem(Policy::any, before, now));
}

TEST(Reconfiguration, isRememberedByTheWorkDirectory) {
  TempFolder folder;
  std::filesystem::create_directories(folder.path() + "/meta");
  Options options;
  options.work_dir = folder.path();
  ASSERT_TRUE(check_reconfiguration(options, info("cpus:4", "rack:r1")));
  const auto refused = check_reconfiguration(options, info("cpus:8", "rack:r1"));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("--reconfiguration_policy=additive"), std::string::npos);
  options.reconfiguration = Policy::additive;
  EXPECT_TRUE(check_reconfiguration(options, info("cpus:8", "rack:r1")));
  options.reconfiguration = Policy::equal;
  EXPECT_TRUE(check_reconfiguration(options, info("cpus:8", "rack:r1")));
}

TEST(WorkDirectory, thatIsAFileIsToldSo) {
  TempFolder folder;
  std::string path = folder.path() + "/none";
  EXPECT_TRUE(make_work_dir(path));
  path = "/proc/no-such-folder";
  const auto refused = make_work_dir(path);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("/proc/no-such-folder"), std::string::npos);
}

Result<void> set(const std::string& name, const std::string& text, Options& options) {
  for (const Flag& flag : flags(options)) {
    if (flag.name == name) {
      return flag.set(text);
    }
  }
  return fail(ErrorCode::not_found, "no flag " + name);
}

TEST(AgentFlags, sizesAndFractionsAreReadAsMesosWritesThem) {
  Options options;
  EXPECT_TRUE(set("fetcher_cache_size", "1.5GB", options));
  EXPECT_EQ(options.fetcher_cache_bytes, 1536ULL * 1024 * 1024);
  EXPECT_TRUE(set("fetcher_cache_size", "100B", options));
  EXPECT_EQ(options.fetcher_cache_bytes, 100U);
  EXPECT_FALSE(set("fetcher_cache_size", "much", options));
  EXPECT_TRUE(set("gc_disk_headroom", "0.25", options));
  EXPECT_FALSE(set("gc_disk_headroom", "2", options));
  EXPECT_TRUE(set("recover", "cleanup", options));
  EXPECT_FALSE(set("recover", "never", options));
  EXPECT_TRUE(set("reconfiguration_policy", "additive", options));
  EXPECT_FALSE(set("reconfiguration_policy", "any", options));
  for (const char* name : {"isolation", "containerizers", "image_providers", "runtime_dir"}) {
    EXPECT_TRUE(set(name, "x", options)) << name << " is accepted, as Mesos's";
  }
}

}  // namespace
}  // namespace ekiden::agent
