#include "marathon/daemon/drainer.h"

#include "core/base/log.h"
#include "core/json/json.h"

namespace ekiden::marathon {
namespace {

std::string body_of(const DrainOrder& order) {
  json::Array ports;
  for (std::int32_t port : order.ports) {
    ports.emplace_back(port);
  }
  return json::to_text(json::Object{{"appId", order.app.text()},
                                    {"taskId", order.task.value},
                                    {"host", order.host},
                                    {"ports", std::move(ports)}});
}

}  // namespace

Drainer::Drainer(net::Client& client, Duration timeout, std::function<void(DrainDone)> done)
    : client_(client), timeout_(timeout), done_(std::move(done)) {}

void Drainer::run(const DrainOrder& order, const std::vector<std::string>& load_balancers) {
  // The last answer lets go of the shared count and so tells that all are done.
  const auto all_answered = std::shared_ptr<void>(
      nullptr, [this, task = order.task, alive = std::weak_ptr<int>(alive_)](void*) {
        if (!alive.expired()) {
          done_(DrainDone{task});
        }
      });
  for (const std::string& url : load_balancers) {
    net::Call call;
    call.method = "POST";
    call.url = url + (url.ends_with('/') ? "_ekiden/drain" : "/_ekiden/drain");
    call.headers.set("Content-Type", "application/json");
    call.body = body_of(order);
    call.timeout = timeout_;
    client_.send(std::move(call), [all_answered, url](const Result<net::Response>& answer) {
      if (!answer) {
        log::warn("load balancer {} did not drain a task: {}", url, answer.error().message);
      }
    });
  }
}

}  // namespace ekiden::marathon
