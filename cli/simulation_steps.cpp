// What `ekiden simulate` does and measures, step by step.
#include "cli/simulation.h"
#include "core/json/json.h"

#include <algorithm>
#include <memory>

#include <fmt/core.h>

namespace ekiden::cli {
namespace {

constexpr std::size_t kPostsAtOnce = 100;

double per_second(std::size_t count, double seconds) {
  return static_cast<double>(count) / seconds;
}

}  // namespace

std::size_t Simulation::wanted() const {
  return command_.agents * command_.tasks_per_agent;
}

void Simulation::expect_all_running() {
  if (agents_ == nullptr) {
    return;
  }
  const simulator::Counters& counters = agents_->counters();
  const std::size_t all = counters.launched == 0 ? 0 : wanted();  // the step may be left out
  expect(counters.running, all, "tasks run");
  expect(agents_->doubled(), 0, "tasks run twice");
  expect(counters.overcommitted, 0, "launches beyond an agent's resources");
  if (scheduler_ != nullptr) {
    expect(scheduler_->running(), all, "tasks run for the framework");
    expect(scheduler_->unexpected(), 0, "updates of unknown tasks");
  }
}

Simulation::Step Simulation::registering() {
  return {"register",
          [this] {
            make_agents();
            agents_->start();
          },
          [this] { return agents_->registered() == agents_->size(); },
          [this] {
            const auto& counters = agents_->counters();
            const double seconds =
                std::max(1e-9, to_seconds(counters.last_registered - counters.first_connect));
            measure("time", seconds, "s");
            measure("rate", per_second(agents_->size(), seconds), "agents/s");
            measure("CPU of the master", master_cpu(), "s");
          }};
}

Simulation::Step Simulation::launching() {
  return {
      "launch",
      [this] {
        make_scheduler();
        scheduler_->want(wanted());
      },
      [this] {
        return scheduler_->running() == wanted() &&
               agents_->counters().running_acknowledged >= wanted();
      },
      [this] {
        const double seconds = seconds_since_begin(agents_->counters().last_running_acknowledged);
        measure("time to the last acknowledged RUNNING", seconds, "s");
        measure("rate", per_second(wanted(), seconds), "tasks/s");
        measure("CPU of the master", master_cpu(), "s");
        measure(
            "CPU of the master per task", master_cpu() * 1e6 / static_cast<double>(wanted()), "us");
        if (master_ != nullptr) {
          const auto now = usage_of(master_->pid()).resident_bytes;
          measure("memory of the master", static_cast<double>(now) / 1e6, "MB");
          measure("memory of the master per task",
                  (static_cast<double>(now) - static_cast<double>(before_.resident_bytes)) /
                      static_cast<double>(wanted()),
                  "B");
        }
        measure("memory of this process",
                static_cast<double>(usage_of(own_pid()).resident_bytes) / 1e6,
                "MB");
        if (command_.failures_per_thousand == 0 && command_.lifetime == Duration::zero()) {
          expect_all_running();
          expect(agents_->counters().launched, wanted(), "launches");
        }
      }};
}

// All tasks as instances of apps of a Marathon.
Simulation::Step Simulation::deploying() {
  return {"launch",
          [this] {
            posted_ = 0;
            answered_apps_ = 0;
            post_apps();
          },
          [this] { return agents_->counters().running_acknowledged >= wanted(); },
          [this] {
            const double seconds =
                seconds_since_begin(agents_->counters().last_running_acknowledged);
            measure("time from POST to the last RUNNING", seconds, "s");
            measure("rate", per_second(wanted(), seconds), "tasks/s");
            measure("apps", static_cast<double>(command_.apps), "");
            measure("time until all POSTs were answered", seconds_since_begin(answered_), "s");
            expect_all_running();
          }};
}

void Simulation::post_apps() {
  while (posted_ < command_.apps && posted_ - answered_apps_ < kPostsAtOnce) {
    const std::size_t number = posted_++;
    const std::size_t instances =
        wanted() / command_.apps + (number < wanted() % command_.apps ? 1 : 0);
    json::Object labels;
    for (std::size_t i = 0; i < command_.labels; ++i) {
      labels.emplace_back(fmt::format("label-{}", i + 1), fmt::format("value of label {}", i + 1));
    }
    net::Call call;
    call.method = "POST";
    call.url = command_.marathon + "/v2/apps";
    call.timeout = command_.limit;
    call.headers.set("Content-Type", "application/json");
    call.body = json::to_text(json::Object{{"id", fmt::format("/simulated/app-{}", number)},
                                           {"cmd", "sleep 100000"},
                                           {"cpus", 0.01},
                                           {"mem", 32},
                                           {"disk", 0},
                                           {"instances", static_cast<std::int64_t>(instances)},
                                           {"portDefinitions", json::Array{}},
                                           {"labels", std::move(labels)}});
    clients_.front()->send(std::move(call), [this, number](Result<net::Response> answer) {
      ++answered_apps_;
      answered_ = clock_.now().time;
      if (!answer) {
        wrong_.push_back(fmt::format("POST of app {}: {}", number, answer.error().message));
      } else if (answer->status != 201) {
        wrong_.push_back(fmt::format(
            "POST of app {}: {} {}", number, answer->status, answer->body.substr(0, 500)));
      }
      post_apps();
    });
  }
}

Simulation::Step Simulation::reading_state() {
  return {"state",
          [this] {
            net::Call call;
            call.url = url_ + "/state";
            call.timeout = command_.limit;
            clients_.front()->send(std::move(call), [this](Result<net::Response> answer) {
              answered_ = clock_.now().time;
              answer_ = std::move(answer);
            });
          },
          [this] { return answer_.has_value(); },
          [this] {
            const double seconds = seconds_since_begin(answered_);
            if (!*answer_ || (*answer_)->status != 200) {
              wrong_.push_back("GET /state did not answer 200");
              return;
            }
            measure("size", static_cast<double>((*answer_)->body.size()) / 1e6, "MB");
            measure("time", seconds, "s");
            measure("rate", static_cast<double>((*answer_)->body.size()) / 1e6 / seconds, "MB/s");
            measure("CPU of the master", master_cpu(), "s");
            if (master_ != nullptr) {
              measure("memory of the master",
                      static_cast<double>(usage_of(master_->pid()).resident_bytes) / 1e6,
                      "MB");
            }
          }};
}

// Everything free is offered once more, and declined.
Simulation::Step Simulation::cycling_offers() {
  return {"offers",
          [this] { scheduler_->ask_for_offers(); },
          [this] { return scheduler_->offers() >= agents_->size(); },
          [this] {
            measure("time from REVIVE to the last offer",
                    seconds_since_begin(scheduler_->last_offer()),
                    "s");
            measure("CPU of the master", master_cpu(), "s");
          }};
}

Simulation::Step Simulation::recovering() {
  return {"recover",
          [this] {
            launched_before_ = agents_->counters().launched;
            agents_->forget_times();
            restarted_ = false;
            master_->kill();
            if (auto started = master_->start(); !started) {
              wrong_.push_back(started.error().message);
            }
            before_ = {};
          },
          [this] {
            // Not before every agent has noticed.
            restarted_ = restarted_ || (master_->ready() && agents_->registered() == 0) ||
                         agents_->counters().links_lost >= agents_->size();
            return restarted_ && agents_->registered() == agents_->size() &&
                   (scheduler_ == nullptr || scheduler_->connected());
          },
          [this] {
            const auto& counters = agents_->counters();
            const double seconds = seconds_since_begin(counters.last_registered);
            measure("time from kill -9 to the last agent", seconds, "s");
            measure("time from the first connection",
                    to_seconds(counters.last_registered - counters.first_connect),
                    "s");
            measure(
                "rate",
                per_second(
                    agents_->size(),
                    std::max(1e-9, to_seconds(counters.last_registered - counters.first_connect))),
                "agents/s");
            measure("CPU of the master", master_cpu(), "s");
            measure("memory of the master",
                    static_cast<double>(usage_of(master_->pid()).resident_bytes) / 1e6,
                    "MB");
            expect_all_running();
            expect(counters.launched, launched_before_, "launches");
          }};
}

// Some agents are gone at once; their tasks run again on the others.
Simulation::Step Simulation::losing() {
  return {
      "lose",
      [this] {
        if (scheduler_ != nullptr) {  // the others have to take more
          const std::size_t left = agents_->size() - std::min(agents_->size() - 1, command_.lose);
          scheduler_->allow((wanted() + left - 1) / left);
        }
        acknowledged_before_ = agents_->counters().running_acknowledged;
        lost_tasks_ = agents_->lose(command_.lose,
                                    command_.lose_how == "silent" ? simulator::Agents::How::silent
                                                                  : simulator::Agents::How::closed);
      },
      [this] {
        const auto& counters = agents_->counters();
        return counters.running >= wanted() &&
               counters.running_acknowledged >= acknowledged_before_ + lost_tasks_ &&
               (scheduler_ == nullptr || scheduler_->running() >= wanted());
      },
      [this] {
        measure("tasks lost", static_cast<double>(lost_tasks_), "");
        measure("time until all run again",
                seconds_since_begin(agents_->counters().last_running_acknowledged),
                "s");
        measure("CPU of the master", master_cpu(), "s");
        expect_all_running();
      }};
}

Simulation::Step Simulation::idling() {
  return {"idle",
          [] {},
          [this] { return clock_.now().time - begun_ >= command_.idle; },
          [this] {
            const double seconds = seconds_since_begin(clock_.now().time);
            measure("time", seconds, "s");
            measure("CPU of the master", master_cpu() / seconds * 100, "% of a core");
            if (master_ != nullptr) {
              measure("memory of the master",
                      static_cast<double>(usage_of(master_->pid()).resident_bytes) / 1e6,
                      "MB");
            }
            expect_all_running();
          }};
}

Simulation::Step Simulation::killing() {
  return {"kill",
          [this] { scheduler_->kill_all(); },
          [this] { return agents_->counters().running == 0 && scheduler_->alive() == 0; },
          [this] {
            const double seconds = seconds_since_begin(agents_->counters().last_ended);
            measure("time to the last acknowledged KILLED", seconds, "s");
            measure("rate", per_second(wanted(), seconds), "tasks/s");
            measure("CPU of the master", master_cpu(), "s");
            if (master_ != nullptr) {
              measure("memory of the master",
                      static_cast<double>(usage_of(master_->pid()).resident_bytes) / 1e6,
                      "MB");
            }
          }};
}

}  // namespace ekiden::cli
