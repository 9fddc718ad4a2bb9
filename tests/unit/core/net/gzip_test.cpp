#include "core/net/gzip.h"

#include <optional>

#include <gtest/gtest.h>
#include <zlib.h>

namespace ekiden::net {
namespace {

std::string unpacked(std::string packed, std::size_t size) {
  std::string text(size, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

Response answered(const std::string& accept, Response response) {
  const Handler handler =
      gzip_answers([response](Request, Responder respond) { respond(response); });
  Request request;
  if (!accept.empty()) {
    request.headers.set("Accept-Encoding", accept);
  }
  std::optional<Response> got;
  handler(request, Responder([&](Response made) { got = std::move(made); }));
  return got.value_or(Response{});
}

TEST(Gzip, PacksWhatIsLargeForThoseWhoAcceptIt) {
  const std::string text(5000, 'x');
  const Response packed = answered("deflate, gzip;q=0.5", json_response(200, text));
  EXPECT_EQ(packed.headers.get("Content-Encoding"), "gzip");
  EXPECT_EQ(unpacked(packed.body, 6000), text);
  Response shared;
  shared.shared_body = std::make_shared<const std::string>(text);
  EXPECT_EQ(unpacked(answered("*", shared).body, 6000), text);
}

TEST(Gzip, LeavesTheRestAlone) {
  const std::string text(5000, 'x');
  EXPECT_EQ(answered("", json_response(200, text)).body, text);
  EXPECT_EQ(answered("gzip;q=0", json_response(200, text)).body, text);
  EXPECT_EQ(answered("br", json_response(200, text)).body, text);
  EXPECT_EQ(answered("gzip", json_response(200, "short")).body, "short");
  Response done = json_response(200, text);
  done.headers.set("Content-Encoding", "br");
  EXPECT_EQ(answered("gzip", done).body, text);
  Response stream;
  stream.chunks = std::make_shared<ChunkSource>();
  EXPECT_NE(answered("gzip", stream).chunks, nullptr);
}

}  // namespace
}  // namespace ekiden::net
