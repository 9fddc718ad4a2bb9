#include "tests/sim/test_framework.h"

#include "core/model/task_state.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::sim {

using namespace std::chrono_literals;
using model::Operation;
using model::Resource;
using model::Resources;
using model::TaskState;
namespace scheduler = api::scheduler;

namespace {

// How long the answer to an ACCEPT may fail to come before nothing is believed of it.
constexpr Duration kForgotten = 60s;

std::vector<Resource> with_role(std::vector<Resource> list) {
  for (Resource& resource : list) {
    resource.allocation_role = TestFramework::kRole;
  }
  return list;
}

std::vector<Resource> plain(const char* text) {
  return model::parse_resources(text)->list();
}

std::vector<Resource> reserved(const char* text) {
  auto list = model::parse_resources(text)->list();
  for (Resource& resource : list) {
    resource.reservations.push_back(
        {model::Reservation::Type::dynamic, TestFramework::kRole, std::nullopt, std::nullopt});
  }
  return list;
}

Resource volume_of(const std::string& id) {
  Resource volume = reserved("disk:100").front();
  volume.disk.emplace();
  volume.disk->persistence = model::Persistence{id, std::nullopt};
  volume.disk->volume.emplace();
  volume.disk->volume->container_path = "data";
  return volume;
}

Operation operation(Operation::Type type, std::vector<Resource> resources) {
  Operation result;
  result.type = type;
  result.resources = with_role(std::move(resources));
  return result;
}

// What of an offer a volume's task takes besides the volume.
const char* const kVolumeTask = "cpus:0.5;mem:64";

}  // namespace

void TestFramework::send(decltype(scheduler::Call::body) body) {
  scheduler::Call call;
  call.framework_id = id_;
  call.body = std::move(body);
  host_.send(std::move(call));
}

void TestFramework::connected(Now) {
  scheduler::Subscribe subscribe;
  model::FrameworkInfo& info = subscribe.framework_info;
  info.user = "root";
  info.name = "test";
  info.id = id_;
  info.failover_timeout = 7 * 24 * 3600;
  info.checkpoint = true;
  info.roles = {kRole};
  using Capability = model::FrameworkCapability;
  info.capabilities = {
      Capability::multi_role, Capability::reservation_refinement, Capability::partition_aware};
  send(std::move(subscribe));
}

void TestFramework::on(const scheduler::Event& event, Now now) {
  if (const auto* subscribed = std::get_if<scheduler::Subscribed>(&event)) {
    if (id_ && *id_ != subscribed->framework_id) {
      host_.violation("the test framework got another id");
    }
    id_ = subscribed->framework_id;
    subscribed_ = true;
  } else if (const auto* error = std::get_if<scheduler::ErrorEvent>(&event)) {
    if (error->message != "Framework failed over") {
      host_.violation("the test framework is told: " + error->message);
    }
  } else if (const auto* offers = std::get_if<scheduler::Offers>(&event)) {
    for (const model::Offer& offer : offers->offers) {
      on_offer(offer, now);
    }
  } else if (const auto* update = std::get_if<scheduler::Update>(&event)) {
    on_update(update->status);
  }
}

void TestFramework::on_update(const model::TaskStatus& status) {
  if (status.uuid && status.agent_id) {
    send(scheduler::Acknowledge{*status.agent_id, status.task_id, *status.uuid});
  }
  const auto found = tasks_.find(status.task_id);
  if (found == tasks_.end()) {
    if (!ended_.contains(status.task_id)) {
      host_.violation(fmt::format("the test framework hears of {}, which it never launched",
                                  status.task_id.value));
    }
    return;
  }
  Task& task = found->second;
  if (status.uuid && !task.seen.insert(*status.uuid).second) {
    return;
  }
  host_.trace(fmt::format("test framework: {} is {} ({})",
                          status.task_id.value,
                          model::to_text(status.state),
                          model::to_text(status.reason)));
  task.state = status.state;
  if (status.state == TaskState::running && volumes_.contains(task.volume)) {
    volumes_[task.volume].proven = true;
  }
  const bool never_began = status.state == TaskState::unknown;
  if (model::is_terminal(status.state) || never_began) {
    ended_.insert(found->first);
    tasks_.erase(found);
  }
}

std::size_t TestFramework::count(bool in_volume) const {
  return static_cast<std::size_t>(
      std::count_if(tasks_.begin(), tasks_.end(), [&](const auto& entry) {
        return !entry.second.kill && entry.second.volume.empty() != in_volume;
      }));
}

model::TaskInfo TestFramework::task_info(const model::Offer& offer,
                                         const std::vector<Resource>& what) {
  model::TaskInfo info;
  info.name = "test";
  info.task_id = {fmt::format("test-{}", next_++)};
  info.agent_id = offer.agent_id;
  info.resources = with_role(what);
  info.command.emplace();
  info.command->value = "sleep 1000";
  return info;
}

void TestFramework::accept(const model::Offer& offer, std::vector<Operation> operations) {
  scheduler::Accept call;
  call.offer_ids = {offer.id};
  call.operations = std::move(operations);
  call.filters = model::Filters{1};
  send(std::move(call));
}

// A volume that was asked for and is neither offered nor used where it should be does not exist:
// its RESERVE was lost on the way.
void TestFramework::look_for_lost_volumes(const model::Offer& offer, Now now) {
  std::set<std::string> offered;
  for (const Resource& resource : offer.resources) {
    if (resource.disk && resource.disk->persistence) {
      offered.insert(resource.disk->persistence->id);
    }
  }
  for (auto place = volumes_.begin(); place != volumes_.end();) {
    auto& [id, volume] = *place;
    const bool lost = volume.agent == offer.agent_id && !volume.proven && !offered.contains(id) &&
                      !in_use(id) && now.time - volume.asked > kForgotten;
    place = lost ? volumes_.erase(place) : std::next(place);
  }
}

bool TestFramework::in_use(const std::string& volume) const {
  return std::any_of(
      tasks_.begin(), tasks_.end(), [&](const auto& task) { return task.second.volume == volume; });
}

bool TestFramework::use_volume(const model::Offer& offer, Now now) {
  const Resources all = Resources(offer.resources).with_allocation(std::nullopt);
  for (auto& [id, volume] : volumes_) {
    std::vector<Resource> needed = reserved(kVolumeTask);
    needed.push_back(volume_of(id));
    if (in_use(id) || volume.agent != offer.agent_id || !all.contains(Resources(needed))) {
      continue;
    }
    Operation launch;
    launch.type = Operation::Type::launch;
    launch.launch_task_infos.push_back(task_info(offer, needed));
    Task task;
    task.agent = offer.agent_id;
    task.volume = id;
    task.launched = now.time;
    tasks_[launch.launch_task_infos.front().task_id] = task;
    accept(offer, {launch});
    return true;
  }
  return false;
}

bool TestFramework::make_volume(const model::Offer& offer, Now now) {
  std::vector<Resource> needed = plain(kVolumeTask);
  needed.push_back(plain("disk:100").front());
  const Resources all = Resources(offer.resources).with_allocation(std::nullopt);
  if (volumes_.size() >= volumes_wanted_ || !all.contains(Resources(needed))) {
    return false;
  }
  const std::string id = fmt::format("volume-{}", next_++);
  volumes_[id] = {offer.agent_id, false, now.time};
  std::vector<Resource> kept = reserved(kVolumeTask);
  kept.push_back(reserved("disk:100").front());
  Operation launch;
  launch.type = Operation::Type::launch;
  std::vector<Resource> used = reserved(kVolumeTask);
  used.push_back(volume_of(id));
  launch.launch_task_infos.push_back(task_info(offer, used));
  Task task;
  task.agent = offer.agent_id;
  task.volume = id;
  task.launched = now.time;
  tasks_[launch.launch_task_infos.front().task_id] = task;
  host_.trace(fmt::format("test framework makes {} on {}", id, offer.agent_id.value));
  accept(offer,
         {operation(Operation::Type::reserve, kept),
          operation(Operation::Type::create, {volume_of(id)}),
          launch});
  return true;
}

bool TestFramework::launch_plain(const model::Offer& offer, Now now) {
  const std::vector<Resource> needed = plain("cpus:0.3;mem:32");
  const Resources all = Resources(offer.resources).with_allocation(std::nullopt);
  if (count(false) >= plain_wanted_ || !all.contains(Resources(needed))) {
    return false;
  }
  Operation launch;
  launch.type = Operation::Type::launch;
  launch.launch_task_infos.push_back(task_info(offer, needed));
  Task task;
  task.agent = offer.agent_id;
  task.launched = now.time;
  tasks_[launch.launch_task_infos.front().task_id] = task;
  accept(offer, {launch});
  return true;
}

void TestFramework::on_offer(const model::Offer& offer, Now now) {
  look_for_lost_volumes(offer, now);
  if (use_volume(offer, now) || make_volume(offer, now) || launch_plain(offer, now)) {
    return;
  }
  const double seconds = 1 + static_cast<double>(random_.below(5));
  send(scheduler::Decline{{offer.id}, model::Filters{seconds}});
}

void TestFramework::tick(Now) {
  if (!subscribed_) {
    return;
  }
  std::size_t plain = count(false);
  scheduler::Reconcile reconcile;
  for (auto& [id, task] : tasks_) {
    if (task.volume.empty() && !task.kill && plain > plain_wanted_) {
      task.kill = true;
      --plain;
    }
    if (task.kill) {
      host_.kills(id);
      send(scheduler::Kill{id, task.agent, std::nullopt});
    }
    if (task.kill || task.state != TaskState::running) {
      reconcile.tasks.push_back({id, task.agent});
    }
  }
  if (!reconcile.tasks.empty() && random_.below(4) == 0) {
    send(std::move(reconcile));
  }
}

bool TestFramework::content(std::string* what) const {
  std::size_t in_volumes = 0;
  std::size_t plain = 0;
  for (const auto& [id, task] : tasks_) {
    if (task.state != TaskState::running) {
      *what += fmt::format("; {} is {}", id.value, model::to_text(task.state));
      return false;
    }
    (task.volume.empty() ? plain : in_volumes) += 1;
  }
  if (plain != plain_wanted_ || volumes_.size() < volumes_wanted_ ||
      in_volumes != volumes_.size()) {
    *what += fmt::format("; the test framework has {} of {} tasks, {} of {} volumes, {} in use",
                         plain,
                         plain_wanted_,
                         volumes_.size(),
                         volumes_wanted_,
                         in_volumes);
    return false;
  }
  return true;
}

std::map<TaskId, AgentId> TestFramework::running() const {
  std::map<TaskId, AgentId> result;
  for (const auto& [id, task] : tasks_) {
    result[id] = task.agent;
  }
  return result;
}

std::map<std::string, AgentId> TestFramework::volumes() const {
  std::map<std::string, AgentId> result;
  for (const auto& [id, volume] : volumes_) {
    result[id] = volume.agent;
  }
  return result;
}

}  // namespace ekiden::sim
