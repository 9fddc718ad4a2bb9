#pragma once

#include "core/net/client.h"
#include "core/net/loop.h"
#include "core/net/tcp_connect.h"
#include "marathon/marathon.h"

#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>
#include <variant>

namespace ekiden::marathon {

// Performs the health and readiness probes that the machine asks for. Decides nothing; a bounded
// number runs at one time, the others wait in order.
class Prober {
 public:
  static constexpr std::size_t kBodyMax = 64 * 1024;   // bytes read of an answer
  static constexpr std::size_t kQueueMax = 1'000'000;  // beyond it a probe counts as failed

  struct Callbacks {
    std::function<void(ProbeResult)> health;
    std::function<void(ReadinessProbeResult)> readiness;
  };

  Prober(net::Loop& loop, net::Client& client, std::size_t running_max, Callbacks callbacks);
  void run(ProbeOrder order);
  void run(ReadinessOrder order);

  std::size_t waiting() const { return waiting_.size(); }

 private:
  using Order = std::variant<ProbeOrder, ReadinessOrder>;

  void enqueue(Order order);
  void start_next();
  void start(const ProbeOrder& order);
  void start(const ReadinessOrder& order);
  void start_tcp(const ProbeOrder& order);
  void start_http(const ProbeOrder& order);
  void report(const ProbeOrder& order, Result<void> result);
  void finished();

  net::Loop& loop_;
  net::Client& client_;
  std::size_t running_max_;
  Callbacks callbacks_;
  std::deque<Order> waiting_;
  std::size_t running_ = 0;
  std::uint64_t last_connect_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<net::TcpConnect>> connects_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  // callbacks end with it
};

}  // namespace ekiden::marathon
