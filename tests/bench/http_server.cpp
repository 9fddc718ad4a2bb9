// A server of ours with one cached body, for wrk: bench_http_server [bytes]. Prints its port and
// serves until standard input ends.
#include "core/net/server.h"

#include <cstdio>
#include <cstdlib>
#include <thread>

int main(int argc, char** argv) {
  using namespace ekiden::net;
  const std::size_t bytes = argc > 1 ? static_cast<std::size_t>(std::atol(argv[1])) : 1024;
  const auto body = std::make_shared<const std::string>(bytes, 'x');
  Loop loop;
  auto server = Server::listen(loop, {}, [&body](const Request&, const Responder& respond) {
    Response response = json_response(200, "");
    response.shared_body = body;
    respond(std::move(response));
  });
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().message.c_str());
    return 1;
  }
  std::printf("%d\n", (*server)->port());
  std::fflush(stdout);
  std::thread input([&loop] {
    while (std::getchar() != EOF) {
    }
    loop.stop();
  });
  loop.run();
  input.join();
}
