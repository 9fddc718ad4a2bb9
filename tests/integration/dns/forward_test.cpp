#include "core/base/random.h"
#include "dns/server.h"
#include "tests/integration/dns/fake_master.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ekiden::dns {
namespace {

using namespace std::chrono_literals;

class ForwardTest : public testing::Test {
 protected:
  std::unique_ptr<Server> listen(ServerOptions options) {
    auto server = Server::listen(std::move(options), Random(1), metrics);
    EXPECT_TRUE(server) << server.error().message;
    return std::move(*server);
  }

  // A server of the zone "corp" with `count` addresses of one name.
  std::unique_ptr<Server> corp(int count) {
    ServerOptions options;
    options.answers.domain = "corp";
    auto server = listen(std::move(options));
    RecordSetBuilder builder;
    for (int i = 0; i < count; ++i) {
      builder.add({"db.corp", Ipv4{10, 1, 0, static_cast<std::uint8_t>(i)}});
    }
    server->publish(builder.publish(1));
    return server;
  }

  std::unique_ptr<Server> forwarder(std::vector<HostPort> resolvers) {
    ServerOptions options;
    options.upstreams = {{}, std::move(resolvers)};
    options.answers.forward_zones = {"corp"};
    options.upstream_timeout = 1s;
    auto server = listen(std::move(options));
    server->publish(RecordSetBuilder().publish(1));
    return server;
  }

  Registry registry;
  Metrics metrics{registry};
};

TEST_F(ForwardTest, AsksTheResolversOfTheZoneOverTheSameTransport) {
  const auto upstream = corp(40);
  const auto server = forwarder({{"127.0.0.1", upstream->port()}});
  const std::string whole = dig(server->port(), "+bufsize=4096 db.corp A");
  EXPECT_TRUE(has(whole, "ANSWER: 40")) << whole;
  EXPECT_TRUE(has(whole, "UDP")) << whole;
  EXPECT_TRUE(has(dig(server->port(), "+tcp db.corp A"), "ANSWER: 40"));
  EXPECT_TRUE(has(dig(server->port(), "+noedns +ignore db.corp A"), "flags: qr aa tc rd ra"));
  EXPECT_TRUE(has(dig(server->port(), "none.corp A"), "status: NXDOMAIN"));
  EXPECT_EQ(metrics.forwarded.value(), 4);
}

TEST_F(ForwardTest, TriesTheNextResolverWhenOneIsSilent) {
  const int silent = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(silent, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  socklen_t length = sizeof address;
  getsockname(silent, reinterpret_cast<sockaddr*>(&address), &length);
  const HostPort nobody{"127.0.0.1", ntohs(address.sin_port)};
  const auto upstream = corp(1);
  const auto server = forwarder({nobody, {"127.0.0.1", upstream->port()}});
  EXPECT_TRUE(has(dig(server->port(), "db.corp A"), "10.1.0.0"));
  const auto lonely = forwarder({nobody});
  EXPECT_TRUE(has(dig(lonely->port(), "db.corp A"), "status: SERVFAIL"));
  EXPECT_TRUE(has(dig(lonely->port(), "example.com A"), "status: SERVFAIL"));
  EXPECT_EQ(metrics.forward_failed.value(), 2);
  close(silent);
}

TEST_F(ForwardTest, GoesOnAfterAFloodOfNonsense) {
  const auto upstream = corp(1);
  const auto server = forwarder({{"127.0.0.1", upstream->port()}});
  const int client = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server->port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Random random(5);
  for (int i = 0; i < 5000; ++i) {
    Bytes bytes = encode_query("db.corp", {.udp_size = 1232});
    for (std::uint64_t n = random.below(8); n > 0; --n) {
      bytes[random.below(bytes.size())] = static_cast<std::uint8_t>(random.next());
    }
    bytes.resize(random.below(bytes.size() + 1));
    sendto(client,
           bytes.data(),
           bytes.size(),
           0,
           reinterpret_cast<sockaddr*>(&address),
           sizeof address);
  }
  close(client);
  EXPECT_TRUE(has(dig(server->port(), "+tcp db.corp A"), "10.1.0.0"));
  EXPECT_TRUE(has(dig(server->port(), "+tries=5 db.corp A"), "10.1.0.0"));
}

}  // namespace
}  // namespace ekiden::dns
