#include "core/net/response_head.h"

#include <gtest/gtest.h>

namespace ekiden::net {
namespace {

std::string head(const Response& response, const Framing& framing) {
  std::string out = "what was there before";
  write_head(response, "Reason", framing, out);
  return out;
}

TEST(ResponseHead, WritesStatusHeadersAndLength) {
  Response response;
  response.status = 201;
  response.headers.add("A", "1");
  response.headers.add("A", "2");
  EXPECT_EQ(head(response, {Connection::keep_alive, false, 12}),
            "HTTP/1.1 201 Reason\r\nA: 1\r\nA: 2\r\nContent-Length: 12\r\n\r\n");
}

TEST(ResponseHead, ReplacesFramingOfTheHandlers) {
  Response response;
  response.headers.add("content-length", "5");
  response.headers.add("Transfer-Encoding", "gzip");
  response.headers.add("CONNECTION", "upgrade");
  EXPECT_EQ(head(response, {Connection::close, true, std::nullopt}),
            "HTTP/1.1 200 Reason\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
}

TEST(ResponseHead, KeepsLineBreaksOutOfNamesAndValues) {
  Response response;
  response.headers.add("A\r\nB", "c\nd");
  EXPECT_EQ(head(response, {Connection::keep_alive_http10, false, std::nullopt}),
            "HTTP/1.1 200 Reason\r\nA  B: c d\r\nConnection: keep-alive\r\n\r\n");
}

TEST(ResponseHead, SaysTheDateAsHttpWritesIt) {
  EXPECT_EQ(http_date(WallTime(std::chrono::seconds(784111777))), "Sun, 06 Nov 1994 08:49:37 GMT");
  Framing framing;
  framing.date = "Sun, 06 Nov 1994 08:49:37 GMT";
  std::string head;
  write_head(Response{}, "OK", framing, head);
  EXPECT_NE(head.find("\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"), std::string::npos);
}

}  // namespace
}  // namespace ekiden::net
