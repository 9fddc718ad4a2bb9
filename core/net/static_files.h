#pragma once

#include "core/net/message.h"

#include <memory>
#include <string>

namespace ekiden::net {

// A folder of files under a URL prefix: content types, strong ETag with 304, gzip when accepted,
// Cache-Control: no-cache, Content-Security-Policy and nosniff headers, index.html for folders.
// No path leaves the folder: "..", NUL, encoded slashes and symbolic links that point outside: 404.
// GET and HEAD only. Any thread; a file is read again when its time or size has changed.
class StaticFiles {
 public:
  StaticFiles(std::string folder, std::string url_prefix);
  Response answer(const Request& request) const;

 private:
  struct Cache;

  std::string folder_;
  std::string url_prefix_;
  std::shared_ptr<Cache> cache_;
};

}  // namespace ekiden::net
