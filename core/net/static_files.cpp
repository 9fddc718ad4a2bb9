#include "core/net/static_files.h"

namespace ekiden::net {

StaticFiles::StaticFiles(std::string folder, std::string url_prefix)
    : folder_(std::move(folder)), url_prefix_(std::move(url_prefix)) {}

Response StaticFiles::answer(const Request&) const {
  return text_response(404, "not there yet");
}

}  // namespace ekiden::net
