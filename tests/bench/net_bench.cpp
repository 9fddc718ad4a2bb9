#include "core/net/client.h"
#include "core/net/router.h"
#include "core/net/server.h"

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

namespace ekiden::net {
namespace {

// A client on one loop and a server on another, as between two daemons.
class CallBench : public benchmark::Fixture {
 public:
  void SetUp(benchmark::State& state) override {
    far_ = std::make_unique<Loop>();
    near_ = std::make_unique<Loop>();
    quick_ = listen(
        state, [](const Request&, const Responder& respond) { respond(text_response(200, "ok")); });
    never_ = listen(state,
                    [this](const Request&, const Responder& respond) { kept_.push_back(respond); });
    client_ = std::make_unique<Client>(*near_);
    far_thread_ = std::thread([this] { far_->run(); });
    near_thread_ = std::thread([this] { near_->run(); });
  }

  void TearDown(benchmark::State&) override {
    near_->stop();
    near_thread_.join();
    client_.reset();
    far_->stop();
    far_thread_.join();
    quick_.reset();
    never_.reset();
    kept_.clear();
    near_.reset();
    far_.reset();
  }

 protected:
  std::unique_ptr<Server> listen(benchmark::State& state, Handler handler) {
    auto server = Server::listen(*far_, {}, std::move(handler));
    if (!server) {
      state.SkipWithError(server.error().message.c_str());
      return nullptr;
    }
    return std::move(*server);
  }

  // `count` calls at once; waits for all of them.
  void call(std::int64_t count) {
    std::promise<void> all;
    std::int64_t left = count;
    near_->post([&] {
      for (std::int64_t i = 0; i < count; ++i) {
        client_->send(to(*quick_), [&](const Result<Response>&) {
          if (--left == 0) {
            all.set_value();
          }
        });
      }
    });
    all.get_future().wait();
  }

  static Call to(const Server& server) {
    Call call;
    call.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
    return call;
  }

  std::unique_ptr<Loop> far_, near_;
  std::unique_ptr<Server> quick_, never_;
  std::unique_ptr<Client> client_;
  std::vector<Responder> kept_;
  std::thread far_thread_, near_thread_;
};

BENCHMARK_DEFINE_F(CallBench, calls)(benchmark::State& state) {
  for (auto _ : state) {
    call(state.range(0));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK_REGISTER_F(CallBench, calls)->Name("net/calls_at_once")->Arg(1)->Arg(64)->UseRealTime();

// The price that calls without an answer put on the others: health checks of hanging tasks.
BENCHMARK_DEFINE_F(CallBench, beside_hanging)(benchmark::State& state) {
  near_->post([&] {
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      client_->send(to(*never_), [](const Result<Response>&) {});
    }
  });
  call(64);
  for (auto _ : state) {
    call(64);
  }
  state.SetItemsProcessed(state.iterations() * 64);
}

BENCHMARK_REGISTER_F(CallBench, beside_hanging)
    ->Name("net/calls_beside_hanging")
    ->Arg(1'000)
    ->Arg(8'000)
    ->UseRealTime();

void route(benchmark::State& state) {
  std::vector<Route> routes;
  const Handler nothing = [](const Request&, const Responder& respond) { respond(Response()); };
  for (const char* pattern : {"/v2/apps",
                              "/v2/apps/*id",
                              "/v2/apps/*id/restart",
                              "/v2/apps/*id/tasks",
                              "/v2/apps/*id/tasks/:task",
                              "/v2/apps/*id/versions",
                              "/v2/apps/*id/versions/:version",
                              "/v2/groups",
                              "/v2/groups/*id",
                              "/v2/groups/*id/versions",
                              "/v2/deployments",
                              "/v2/deployments/:id",
                              "/v2/tasks",
                              "/v2/tasks/delete",
                              "/v2/queue",
                              "/v2/queue/*id/delay",
                              "/v2/info",
                              "/v2/leader",
                              "/v2/events",
                              "/v2/pods",
                              "/v2/pods/*id",
                              "/v2/pods/*id::status",
                              "/ping",
                              "/metrics",
                              "/version"}) {
    routes.push_back({"GET", pattern, nothing});
  }
  const Router router(std::move(routes));
  Request request;
  request.method = "GET";
  request.path = "/v2/apps/prod/shop/web";
  for (auto _ : state) {
    router(request, Responder([](const Response&) {}));
  }
}

BENCHMARK(route)->Name("net/route");

}  // namespace
}  // namespace ekiden::net
