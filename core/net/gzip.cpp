#include "core/net/gzip.h"

#include "core/base/strings.h"

#include <utility>

#include <zlib.h>

namespace ekiden::net {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib's way to say gzip and not deflate
constexpr int kGzipMemory = 8;

void pack(Response& response) {
  const std::string& body = response.shared_body != nullptr ? *response.shared_body : response.body;
  if (response.chunks != nullptr || body.size() < kGzipAnswerBytesMin ||
      response.headers.get("Content-Encoding")) {
    return;
  }
  std::string packed = gzip(body, Packing::fast);
  if (!packed.empty()) {
    response.shared_body.reset();
    response.body = std::move(packed);
    response.headers.set("Content-Encoding", "gzip");
  }
}

}  // namespace

std::string gzip(const std::string& text, Packing packing) {
  z_stream stream{};
  const int level = packing == Packing::fast ? Z_BEST_SPEED : Z_BEST_COMPRESSION;
  if (deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, kGzipMemory, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return "";
  }
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const bool complete = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  packed.resize(complete ? stream.total_out : 0);
  deflateEnd(&stream);
  return packed;
}

bool accepts_gzip(const Request& request) {
  for (const std::string_view choice :
       split_nonempty(request.headers.get("Accept-Encoding").value_or(""), ',')) {
    const auto parts = split(choice, ';');
    const std::string_view name = trim(parts[0]);
    if (iequals(name, "gzip") || name == "*") {
      const std::string_view weight = parts.size() > 1 ? trim(parts[1]) : "";
      return !(weight.starts_with("q=0") && weight.find_first_of("123456789") == weight.npos);
    }
  }
  return false;
}

Handler gzip_answers(Handler handler) {
  return [handler = std::move(handler)](Request request, Responder respond) {
    if (!accepts_gzip(request)) {
      handler(std::move(request), std::move(respond));
      return;
    }
    Responder packing([respond = std::move(respond)](Response response) {
      pack(response);
      respond(std::move(response));
    });
    handler(std::move(request), std::move(packing));
  };
}

}  // namespace ekiden::net
