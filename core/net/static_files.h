#pragma once

#include "core/net/message.h"

#include <string>

namespace ekiden::net {

// A folder of files under a URL prefix: content types, strong ETag with 304, gzip when accepted,
// Cache-Control: no-cache, Content-Security-Policy and nosniff headers, index.html for folders.
// No path leaves the folder: "..", NUL, encoded slashes and symbolic links that point outside: 404.
class StaticFiles {
 public:
  StaticFiles(std::string folder, std::string url_prefix);
  Response answer(const Request& request) const;

 private:
  std::string folder_;
  std::string url_prefix_;
};

}  // namespace ekiden::net
