#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace ekiden::agent {

// A folder of its own, gone with the object.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "ekiden-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }

  ~TempFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }

  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path_ + "/" + name).parent_path());
    std::ofstream(path_ + "/" + name) << text;
  }

 private:
  std::string path_;
};

inline std::string slurp(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace ekiden::agent
