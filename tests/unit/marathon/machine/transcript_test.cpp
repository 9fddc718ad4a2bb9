// Stories of the machine as text: "> command" lines and what they bring about. UPDATE_GOLDEN=1
// rewrites the files; read the difference like code.
#include "core/base/strings.h"
#include "tests/unit/marathon/machine/world.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

namespace ekiden::marathon::test {

namespace {

std::filesystem::path folder() {
  return std::filesystem::path(EKIDEN_SOURCE_DIR) / "tests/golden/transcripts/marathon";
}

std::vector<std::string> stories() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    if (entry.path().extension() == ".txt") {
      names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string rest_of(std::istringstream& words) {
  std::string rest;
  std::getline(words, rest);
  return std::string(trim(rest));
}

model::TaskState state_of(const std::string& text) {
  for (int i = 0; i <= static_cast<int>(model::TaskState::unknown); ++i) {
    const auto state = static_cast<model::TaskState>(i);
    if (to_text(state) == text) {
      return state;
    }
  }
  ADD_FAILURE() << "no task state " << text;
  return model::TaskState::unknown;
}

using Run = std::function<void(World&, std::istringstream&)>;

// "put /web {...}", "put! /web {...}" with force
void put(World& world, std::istringstream& words, bool force) {
  std::string path;
  words >> path;
  world.put(path, rest_of(words), force);
}

std::string word(std::istringstream& words) {
  std::string text;
  words >> text;
  return text;
}

const std::map<std::string, Run>& commands() {
  static const std::map<std::string, Run> table = {
      {"agent",
       [](World& world, std::istringstream& words) {
         const std::string name = word(words);
         world.agent(name, rest_of(words));
       }},
      {"lose", [](World& world, std::istringstream& words) { world.lose_agent(word(words)); }},
      {"find", [](World& world, std::istringstream& words) { world.find_agent(word(words)); }},
      {"put", [](World& world, std::istringstream& words) { put(world, words, false); }},
      {"put!", [](World& world, std::istringstream& words) { put(world, words, true); }},
      {"pause",
       [](World& world, std::istringstream& words) {
         world.command(
             SteerDeployment{0, world.deployment(word(words)), SteerDeployment::To::pause, "ops"});
       }},
      {"resume",
       [](World& world, std::istringstream& words) {
         world.command(
             SteerDeployment{0, world.deployment(word(words)), SteerDeployment::To::resume, "ops"});
       }},
      {"group",
       [](World& world, std::istringstream& words) {
         const std::string path = word(words);
         world.put_group(path, rest_of(words));
       }},
      {"delete", [](World& world, std::istringstream& words) { world.remove(word(words), true); }},
      {"cancel",
       [](World& world, std::istringstream& words) {
         world.cancel(world.deployment(word(words)), true);
       }},
      {"rollback",
       [](World& world, std::istringstream& words) {
         world.cancel(world.deployment(word(words)), false);
       }},
      {"kill",
       [](World& world, std::istringstream& words) {
         world.command(KillInstances{99, {world.instance(word(words))}, false});
       }},
      {"wipe",
       [](World& world, std::istringstream& words) {
         world.command(KillInstances{99, {world.instance(word(words))}, true});
       }},
      {"kill_and_scale",
       [](World& world, std::istringstream& words) {
         world.command(
             ChangeRoot{99, KillAndScale{{world.instance(word(words))}}, false, false, "test"});
       }},
      {"end",
       [](World& world, std::istringstream& words) {
         const TaskId task = world.task(word(words));
         const std::string state = word(words);
         world.finish_task(task, state_of(state), rest_of(words));
       }},
      {"sick", [](World& world, std::istringstream& words) { world.sick.insert(word(words)); }},
      {"well", [](World& world, std::istringstream& words) { world.sick.erase(word(words)); }},
      {"slow", [](World& world, std::istringstream& words) { world.slow.insert(word(words)); }},
      {"quick", [](World& world, std::istringstream& words) { world.slow.erase(word(words)); }},
      {"kills",
       [](World& world, std::istringstream& words) { world.kills_work = word(words) == "work"; }},
      {"operations",
       [](World& world, std::istringstream& words) {
         world.operations_work = word(words) == "work";
       }},
      {"restart", [](World& world, std::istringstream&) { world.restart(); }},
      {"run",
       [](World& world, std::istringstream& words) { world.run(*parse_duration(word(words))); }},
  };
  return table;
}

// "# role: dev" at the begin of a story: the framework's role.
Settings settings_of(const std::string& story) {
  constexpr std::string_view kRole = "# role: ";
  Settings settings;
  if (story.starts_with(kRole)) {
    settings.mesos_role = story.substr(kRole.size(), story.find('\n') - kRole.size());
  }
  return settings;
}

std::string replay(const std::string& story) {
  World world(settings_of(story));
  std::istringstream lines(story);
  std::ostringstream out;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) {
      out << line << "\n";
      continue;
    }
    if (!line.starts_with("> ")) {
      continue;
    }
    out << line << "\n";
    std::istringstream words(line.substr(2));
    const std::string name = word(words);
    const auto found = commands().find(name);
    if (found == commands().end()) {
      ADD_FAILURE() << "no command " << name;
      continue;
    }
    found->second(world, words);
    for (const std::string& entry : world.take_log()) {
      out << entry << "\n";
    }
  }
  return out.str();
}

class Transcript : public testing::TestWithParam<std::string> {};

TEST_P(Transcript, IsAsWritten) {
  const std::filesystem::path path = folder() / (GetParam() + ".txt");
  std::ifstream file(path);
  std::stringstream content;
  content << file.rdbuf();
  const std::string actual = replay(content.str());
  if (std::getenv("UPDATE_GOLDEN")) {
    std::ofstream(path) << actual;
  }
  EXPECT_EQ(actual, std::getenv("UPDATE_GOLDEN") ? actual : content.str());
}

INSTANTIATE_TEST_SUITE_P(Stories, Transcript, testing::ValuesIn(stories()), [](const auto& one) {
  return one.param;
});

}  // namespace

}  // namespace ekiden::marathon::test
