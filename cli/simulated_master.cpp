#include "cli/simulated_master.h"

#include "core/base/strings.h"
#include "core/json/json.h"
#include "core/runtime/spawn.h"

#include <fstream>
#include <sstream>

#include <fmt/core.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ekiden::cli {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

SimulatedMaster::SimulatedMaster(fs::path folder, std::vector<std::string> flags)
    : folder_(std::move(folder)), flags_(std::move(flags)) {}

SimulatedMaster::~SimulatedMaster() {
  kill();
  if (temporary_) {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
}

Result<void> SimulatedMaster::start() {
  if (folder_.empty()) {
    std::string name = (fs::temp_directory_path() / "ekiden-simulate-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      return fail(ErrorCode::internal, fmt::format("cannot make a temporary folder {}", name));
    }
    folder_ = name;
    temporary_ = true;
  }
  std::error_code error;
  fs::create_directories(folder_, error);
  fs::remove(folder_ / "ready.json", error);
  runtime::Spawn child;
  child.program = fs::read_symlink("/proc/self/exe", error).string();
  child.arguments = {"ekiden",
                     "master",
                     fmt::format("--port={}", port_),
                     "--work_dir=" + (folder_ / "master").string(),
                     "--ready-file=" + (folder_ / "ready.json").string()};
  child.arguments.insert(child.arguments.end(), flags_.begin(), flags_.end());
  child.folder = folder_.string();
  child.output_file = (folder_ / "master.log").string();
  child.error_file = child.output_file;
  auto pid = runtime::spawn(child);
  if (!pid) {
    return fail(std::move(pid.error()));
  }
  pid_ = *pid;
  return {};
}

bool SimulatedMaster::ready() {
  const auto told = json::parse(text_of(folder_ / "ready.json"));
  const json::Value* url = told ? told->find("master") : nullptr;
  if (url == nullptr || !url->is_string()) {
    return false;
  }
  const std::string text(url->as_string());
  port_ = static_cast<std::uint16_t>(parse_int(text.substr(text.rfind(':') + 1)).value_or(0));
  return port_ != 0;
}

bool SimulatedMaster::alive() {
  return pid_ != 0 && ::waitpid(pid_, nullptr, WNOHANG) == 0;
}

void SimulatedMaster::kill() {
  if (pid_ != 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
}

std::string SimulatedMaster::url() const {
  return fmt::format("http://127.0.0.1:{}", port_);
}

int own_pid() {
  return ::getpid();
}

ProcessUsage usage_of(int pid) {
  ProcessUsage usage;
  const std::string stat = text_of(fmt::format("/proc/{}/stat", pid));
  const auto end_of_name = stat.rfind(')');
  if (pid == 0 || end_of_name == std::string::npos) {
    return usage;
  }
  std::istringstream fields(stat.substr(end_of_name + 1));
  std::vector<std::string> words;
  for (std::string word; fields >> word;) {
    words.push_back(word);
  }
  constexpr std::size_t kUserTime = 11;  // fields after the name, from 0
  constexpr std::size_t kSystemTime = 12;
  constexpr std::size_t kResidentPages = 21;
  if (words.size() > kResidentPages) {
    const auto number = [&](std::size_t at) {
      return static_cast<double>(parse_int(words[at]).value_or(0));
    };
    usage.cpu_seconds =
        (number(kUserTime) + number(kSystemTime)) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    usage.resident_bytes = static_cast<std::uint64_t>(number(kResidentPages)) *
                           static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  }
  return usage;
}

}  // namespace ekiden::cli
