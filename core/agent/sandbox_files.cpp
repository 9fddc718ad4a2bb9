#include "core/agent/sandbox_files.h"

#include "core/base/strings.h"

#include <filesystem>

namespace ekiden::agent {
namespace {

namespace fs = std::filesystem;

bool inside(const std::string& path, const std::string& root) {
  return path == root || path.rfind(root + "/", 0) == 0;
}

}  // namespace

Result<std::string> SandboxFiles::resolve(const std::string& path,
                                          const std::string& agent_id) const {
  for (std::string_view part : split(path, '/')) {
    if (part == "..") {
      return fail(ErrorCode::invalid, "Requested path '" + path + "' contains '..'");
    }
  }
  if (path == kLog && !log_file_.empty()) {
    return log_file_;
  }
  std::error_code error;
  const bool is_virtual = path.rfind("/frameworks/", 0) == 0;
  const std::string host = is_virtual ? work_dir_ + "/slaves/" + agent_id + path : path;
  const std::string real = fs::canonical(host, error).string();
  if (error || path.find('\0') != std::string::npos) {
    return fail(ErrorCode::not_found, "No such file or directory: '" + path + "'");
  }
  const std::string root = fs::canonical(work_dir_, error).string();
  if (!inside(real, root + "/slaves") && !inside(real, root + "/containers")) {
    return fail(ErrorCode::invalid, "Requested path '" + path + "' is outside of the sandboxes");
  }
  return real;
}

wire::ResolvePath SandboxFiles::resolver(const std::string& agent_id) const {
  return
      [files = *this, agent_id](const std::string& path) { return files.resolve(path, agent_id); };
}

}  // namespace ekiden::agent
