#pragma once

#include "core/api/scheduler.h"
#include "core/base/random.h"
#include "core/base/time.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ekiden::sim {

// A second framework, in a role of its own: keeps so many plain tasks, and so many tasks that live
// in a persistent volume each (RESERVE, CREATE and LAUNCH in one ACCEPT). It believes only what it
// is told, keeps its records over crashes, and complains when it is told nonsense.
class TestFramework {
 public:
  static constexpr const char* kRole = "test";

  struct Host {
    std::function<void(api::scheduler::Call)> send;
    std::function<void(const TaskId&)> kills;  // it is about to ask for that
    std::function<void(const std::string&)> violation;
    std::function<void(const std::string&)> trace;
  };

  TestFramework(Random random, Host host) : random_(random), host_(std::move(host)) {}

  void connected(Now now);

  void disconnected() { subscribed_ = false; }

  void on(const api::scheduler::Event& event, Now now);
  void tick(Now now);  // every few seconds

  void want(std::size_t plain, std::size_t volumes) {
    plain_wanted_ = plain;
    volumes_wanted_ = volumes;
  }

  // Whether it believes that it has what it wants; else why not.
  bool content(std::string* what) const;
  // What it believes runs, and where its volumes are.
  std::map<TaskId, AgentId> running() const;
  std::map<std::string, AgentId> volumes() const;

 private:
  struct Task {
    AgentId agent;
    model::TaskState state = model::TaskState::staging;
    std::string volume;  // empty: a plain task
    bool kill = false;
    Time launched{};
    std::set<std::string> seen;  // uuids of updates
  };

  struct Volume {
    AgentId agent;
    bool proven = false;  // a task has run in it
    Time asked{};
  };

  void on_offer(const model::Offer& offer, Now now);
  void on_update(const model::TaskStatus& status);
  bool use_volume(const model::Offer& offer, Now now);
  bool make_volume(const model::Offer& offer, Now now);
  bool launch_plain(const model::Offer& offer, Now now);
  void accept(const model::Offer& offer, std::vector<model::Operation> operations);
  void send(decltype(api::scheduler::Call::body) body);
  model::TaskInfo task_info(const model::Offer& offer, const std::vector<model::Resource>& what);
  std::size_t count(bool in_volume) const;
  bool in_use(const std::string& volume) const;
  void look_for_lost_volumes(const model::Offer& offer, Now now);

  Random random_;
  Host host_;
  std::optional<FrameworkId> id_;
  bool subscribed_ = false;
  std::size_t plain_wanted_ = 0;
  std::size_t volumes_wanted_ = 0;
  std::map<TaskId, Task> tasks_;
  std::set<TaskId> ended_;
  std::map<std::string, Volume> volumes_;
  std::uint64_t next_ = 1;
};

}  // namespace ekiden::sim
