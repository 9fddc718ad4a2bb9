#include "lb/head.h"
#include "tests/unit/lb/support.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace ekiden::lb {

namespace {

const std::string kFolder = EKIDEN_SOURCE_DIR "/tests/golden/haproxy/";

class Golden : public testing::TestWithParam<std::string> {};

json::Array golden_apps(const std::string& name) {
  const auto value = json::parse(read_file(kFolder + name + ".apps.json"));
  return value ? (*value)["apps"].as_array() : json::Array();
}

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const std::string file = entry.path().filename();
    if (file.ends_with(".apps.json")) {
      names.push_back(file.substr(0, file.find('.')));
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST_P(Golden, EqualsWhatTheOriginalWrote) {
  const Rendered result = rendered(golden_apps(GetParam()));
  EXPECT_EQ(normal_lines(result.text),
            normal_lines(read_file(kFolder + GetParam() + ".haproxy.cfg")));
}

TEST_P(Golden, IsAcceptedByHaproxyInItsPresentWords) {
  const auto folder = std::filesystem::path(testing::TempDir()) / ("ekiden_golden_" + GetParam());
  std::filesystem::create_directories(folder);
  HeadOptions head;
  head.stats_socket = (folder / "socket").string();
  head.state_folder = folder.string();
  RenderOptions options;
  options.head = head_text(head);
  options.https = Https::none;  // there is no certificate here
  json::Array apps = golden_apps(GetParam());
  for (json::Value& app : apps) {
    app.find("labels")->erase("HAPROXY_0_SSL_CERT");
    app.find("labels")->erase("HAPROXY_0_BIND_OPTIONS");
  }
  HealthMemory memory;
  const Rendered result =
      render(services_of(apps, {}, fake_resolve, memory), Templates(Words::current), options);
  const std::string file = folder / "haproxy.cfg";
  std::ofstream(file) << result.text;
  const std::string command =
      "haproxy -c -q -f '" + file + "' > '" + (folder / "log").string() + "' 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << read_file(folder / "log");
  std::filesystem::remove_all(folder);
}

INSTANTIATE_TEST_SUITE_P(Cases, Golden, testing::ValuesIn(names()), [](const auto& info) {
  return info.param;
});

}  // namespace

}  // namespace ekiden::lb
