#include "tests/unit/core/master/script.h"

#include "core/base/overloaded.h"
#include "core/base/strings.h"
#include "core/master/records.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::master {

namespace scheduler = api::scheduler;
namespace link = api::agent_link;

namespace {

model::TaskState state_of(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(model::TaskState::unknown); ++i) {
    const auto state = static_cast<model::TaskState>(i);
    if (model::to_text(state) == "TASK_" + name) {
      return state;
    }
  }
  return model::TaskState::unknown;
}

std::string status_text(const model::TaskStatus& status) {
  std::string text = fmt::format("{} {}", status.task_id.value, model::to_text(status.state));
  if (status.reason != model::StatusReason::none) {
    text += fmt::format(" {}", model::to_text(status.reason));
  }
  if (status.uuid) {
    text += " uuid=" + *status.uuid;
  }
  if (status.unreachable_time) {
    text += " unreachable_time";
  }
  if (status.state == model::TaskState::error) {
    text += " \"" + status.message.value_or("") + "\"";
  }
  return text;
}

std::string operation_text(const model::OperationStatus& status) {
  std::string text = fmt::format(
      "{} {}", status.operation_id.value_or(OperationId{"-"}).value, model::to_text(status.state));
  if (status.uuid) {
    text += " uuid=" + *status.uuid;
  }
  if (status.message) {
    text += fmt::format(" \"{}\"", *status.message);
  }
  return text;
}

std::string text_of(const scheduler::Event& event) {
  return std::visit(
      Overloaded{
          [](const scheduler::Subscribed& e) { return "SUBSCRIBED " + e.framework_id.value; },
          [](const scheduler::Offers& e) {
            std::string text = "OFFERS";
            for (const model::Offer& offer : e.offers) {
              text += fmt::format(" [{} {} {} {}]",
                                  offer.id.value,
                                  offer.agent_id.value,
                                  offer.allocation_role.empty() ? "*" : offer.allocation_role,
                                  resources_text(offer.resources));
            }
            return text;
          },
          [](const scheduler::Rescind& e) { return "RESCIND " + e.offer_id.value; },
          [](const scheduler::Update& e) { return "UPDATE " + status_text(e.status); },
          [](const scheduler::Message& e) { return "MESSAGE " + e.data; },
          [](const scheduler::Failure& e) {
            return "FAILURE " + e.agent_id.value_or(AgentId{}).value +
                   (e.executor_id ? " " + e.executor_id->value : "");
          },
          [](const scheduler::ErrorEvent& e) { return "ERROR " + e.message; },
          [](const scheduler::Heartbeat&) { return std::string("HEARTBEAT"); },
          [](const scheduler::InverseOffers& e) {
            std::string text = "INVERSE OFFERS";
            for (const model::InverseOffer& offer : e.inverse_offers) {
              text += fmt::format(" [{} {} {}]",
                                  offer.id.value,
                                  offer.agent_id.value_or(AgentId{}).value,
                                  resources_text(offer.resources));
            }
            return text;
          },
          [](const scheduler::RescindInverseOffer& e) {
            return "RESCIND INVERSE " + e.inverse_offer_id.value;
          },
          [](const scheduler::UpdateOperationStatus& e) {
            return "OPERATION " + operation_text(e.status);
          }},
      event);
}

std::string text_of(const link::ToAgent& message) {
  return std::visit(
      Overloaded{[](const link::Registered& m) { return "REGISTERED " + m.agent_id.value; },
                 [](const link::Refused& m) { return "REFUSED " + m.message; },
                 [](const link::RunTask& m) {
                   return fmt::format("RUN {} {} {}",
                                      m.framework.id->value,
                                      m.task.task_id.value,
                                      resources_text(m.task.resources));
                 },
                 [](const link::RunTaskGroup& m) {
                   std::string text = fmt::format("RUN GROUP {} {} {}",
                                                  m.framework.id->value,
                                                  m.executor.executor_id.value,
                                                  resources_text(m.executor.resources));
                   for (const model::TaskInfo& task : m.tasks) {
                     text += fmt::format(
                         " [{} {}]", task.task_id.value, resources_text(task.resources));
                   }
                   return text;
                 },
                 [](const link::KillTask& m) {
                   return "KILL " + m.framework_id.value + " " + m.task_id.value;
                 },
                 [](const link::AcknowledgeUpdate& m) {
                   return "ACK " + m.framework_id.value + " " + m.task_id.value + " " + m.uuid;
                 },
                 [](const link::ShutdownFramework& m) {
                   return "SHUTDOWN FRAMEWORK " + m.framework_id.value;
                 },
                 [](const link::ShutdownExecutor& m) {
                   return "SHUTDOWN EXECUTOR " + m.executor_id.value;
                 },
                 [](const link::FrameworkMessage& m) { return "MESSAGE " + m.data; },
                 [](const link::Ping&) { return std::string("PING"); },
                 [](const link::ApplyOperation& m) { return text_of_operation(m); },
                 [](const link::AcknowledgeOperation& m) {
                   return "ACK OPERATION " + m.operation_id.value_or(OperationId{"-"}).value;
                 },
                 [](const link::DrainAgent& m) {
                   return std::string("DRAIN") + (m.config.mark_gone ? " mark_gone" : "");
                 },
                 [](const link::StopDraining&) { return std::string("STOP DRAINING"); },
                 [](const link::UpdateFramework& m) {
                   return "UPDATE FRAMEWORK " + m.framework.id->value;
                 },
                 [](const link::ShutdownAgent& m) { return "SHUTDOWN AGENT " + m.message; }},
      message);
}

std::vector<OfferId> offers_of(const std::string& list) {
  std::vector<OfferId> ids;
  for (const std::string& id : words_of(list, ',')) {
    ids.push_back({id});
  }
  return ids;
}

scheduler::Call subscribe_call(const std::vector<std::string>& words) {
  scheduler::Call call;
  scheduler::Subscribe body;
  body.framework_info.name = words.at(1);
  body.framework_info.user = option(words, "user").value_or("");
  body.framework_info.principal = option(words, "principal");
  body.framework_info.checkpoint = !has(words, "nocheckpoint");
  body.framework_info.failover_timeout =
      parse_double(option(words, "failover").value_or("0")).value_or(0);
  if (const auto roles = option(words, "roles")) {
    body.framework_info.roles = words_of(*roles, ',');
    body.framework_info.capabilities.push_back(model::FrameworkCapability::multi_role);
  }
  if (has(words, "pa")) {
    body.framework_info.capabilities.push_back(model::FrameworkCapability::partition_aware);
  }
  for (const auto& [flag, capability] :
       {std::pair{"refine", model::FrameworkCapability::reservation_refinement},
        {"shared", model::FrameworkCapability::shared_resources}}) {
    if (has(words, flag)) {
      body.framework_info.capabilities.push_back(capability);
    }
  }
  if (const auto hosts = option(words, "hosts")) {
    for (const std::string& role : body.framework_info.all_roles()) {
      auto& groups = body.offer_constraints.emplace().role_constraints[role].groups;
      for (const std::string& host : words_of(*hosts, ',')) {
        model::AttributeConstraint constraint;
        constraint.selector.pseudoattribute_type = model::AttributeConstraint::Pseudo::hostname;
        constraint.predicate.text_equals = host;
        groups.push_back({{constraint}});
      }
    }
  }
  body.suppressed_roles = words_of(option(words, "suppress").value_or(""), ',');
  if (const auto id = option(words, "id")) {
    body.framework_info.id = FrameworkId{*id};
    call.framework_id = body.framework_info.id;
  }
  call.body = body;
  return call;
}

}  // namespace

Script::Script(MasterConfig config) : config_(config) {
  start();
}

void Script::start() {
  master_ = std::make_unique<Master>(config_, MasterFacts{}, Random(++starts_));
  std::vector<Record> records;
  for (const char* kind : kRecordKinds) {
    for (const auto& [key, value] : disk_) {
      if (key.first == kind) {
        records.push_back({key.first, key.second, value});
      }
    }
  }
  if (auto loaded = master_->load(records, now_); !loaded) {
    line("cannot load: " + loaded.error().message);
  }
}

std::string Script::full(std::string id) const {
  return replace_all(id, "M-", master_->facts().id + "-");
}

void Script::line(const std::string& text) {
  out_ += text + "\n";
}

std::optional<FrameworkId> Script::framework_id(ConnectionId connection) const {
  const auto found = framework_ids_.find(connection);
  return found == framework_ids_.end() ? std::nullopt : std::optional(FrameworkId{found->second});
}

void Script::print(const Effects& fx) {
  for (const Record& record : fx.persist) {
    const auto key = std::pair{record.kind, record.key};
    if (record.value) {
      disk_[key] = *record.value;
    } else {
      disk_.erase(key);
    }
    line(fmt::format("disk {} {}{}", record.kind, record.key, record.value ? "" : " erased"));
  }
  for (const SchedulerEvent& event : fx.to_schedulers) {
    if (const auto* e = std::get_if<scheduler::Subscribed>(&event.event)) {
      framework_ids_[event.connection] = e->framework_id.value;
    }
    if (const auto* e = std::get_if<scheduler::Offers>(&event.event)) {
      for (const model::Offer& offer : e->offers) {
        offer_agents_[offer.id.value] = offer.agent_id;
      }
    }
    if (!std::holds_alternative<scheduler::Heartbeat>(event.event)) {
      line(fmt::format("fw {} <- {}", event.connection, text_of(event.event)));
    }
  }
  for (const AgentOrder& order : fx.to_agents) {
    if (const auto* m = std::get_if<link::Registered>(&order.message)) {
      agent_ids_[order.connection] = m->agent_id.value;
    }
    if (const auto* m = std::get_if<link::ApplyOperation>(&order.message)) {
      line(fmt::format("agent {} <- {} {}", order.connection, name_operation(*m), text_of(*m)));
    } else if (!std::holds_alternative<link::Ping>(order.message)) {
      line(fmt::format("agent {} <- {}", order.connection, text_of(order.message)));
    }
  }
  for (const OperatorReply& reply : fx.replies) {
    line(fmt::format("op <- {}{}{}", reply.status, reply.text.empty() ? "" : " ", reply.text));
  }
  for (const ConnectionId id : fx.close_schedulers) {
    line(fmt::format("fw {} closed", id));
  }
  for (const ConnectionId id : fx.close_agents) {
    line(fmt::format("agent {} closed", id));
  }
  if (const auto broken = master_->broken_invariant()) {
    line("BROKEN " + *broken);
  }
}

void Script::settle() {
  for (int i = 0; i < 100 && master_->next_deadline() <= now_.time; ++i) {
    print(master_->tick(now_));
  }
}

void Script::step(const Input& input) {
  print(master_->step(input, now_));
  settle();
}

void Script::tick(Duration duration) {
  const Time end = now_.time + duration;
  while (master_->next_deadline() <= end) {
    const Duration jump = std::max(Duration{}, master_->next_deadline() - now_.time);
    now_.time += jump;
    now_.wall += jump;
    settle();
  }
  now_.wall += end - now_.time;
  now_.time = end;
}

void Script::agent(ConnectionId connection, const Words& words) {
  const std::string& what = words.at(0);
  if (what == "close") {
    step(AgentClosed{connection});
    return;
  }
  link::ToMaster message;
  if (agent_ids_.contains(connection)) {
    message.agent_id = AgentId{agent_ids_[connection]};
  }
  if (what == "register") {
    link::Register body;
    ++attempts_;
    body.attempt = attempts_;
    if (const auto attempt = option(words, "attempt")) {
      body.attempt = static_cast<std::uint64_t>(parse_int(*attempt).value_or(0));
    }
    body.info.hostname = words.at(1);
    body.info.resources = resources_of(words.at(2));
    read_register(body, words);
    if (const auto id = option(words, "id")) {
      body.info.id = AgentId{*id};
    }
    for (const std::string& word : words) {
      if (!word.starts_with("task=")) {
        continue;
      }
      const auto parts = words_of(replace_all(word.substr(5), ":", "/"), '/');
      link::RunningTask running;
      running.framework_id = {parts.at(0)};
      running.task = task_info(parts.at(1), "cpus:1;mem:32", body.info.id.value_or(AgentId{}));
      running.state = state_of(parts.at(2));
      body.tasks.push_back(running);
      model::FrameworkInfo framework;
      framework.id = running.framework_id;
      framework.name = "from-agent";
      framework.checkpoint = true;
      body.frameworks.push_back(framework);
    }
    message.body = body;
  } else if (what == "update") {
    link::StatusUpdate update;
    update.framework_id = {words.at(1)};
    update.status.task_id = {words.at(2)};
    update.status.state = state_of(words.at(3));
    update.status.uuid = option(words, "uuid");
    update.latest_state = state_of(option(words, "latest").value_or(words.at(3)));
    message.body = update;
  } else if (what == "operation") {
    link::OperationUpdate update;
    update.uuid = operation_uuids_.at(words.at(1));
    const auto& [framework, id] = operation_owners_.at(words.at(1));
    update.framework_id = framework;
    update.status = operation_status(words.at(2), option(words, "uuid"));
    update.status.operation_id = id;
    message.body = update;
  } else if (what == "exited") {
    message.body = link::ExecutorExited{{words.at(1)}, {words.at(2)}, 9};
  } else if (what == "pong") {
    message.body = link::Pong{};
  } else {
    message.body = link::Unregister{};
  }
  step(AgentMessage{connection, std::move(message)});
}

// Calls about operations, inverse offers and the framework itself.
void Script::more_of_framework(ConnectionId connection,
                               const Words& words,
                               const std::optional<model::Filters>& filters) {
  const std::string& what = words.at(0);
  const FrameworkId id = framework_id(connection).value_or(FrameworkId{});
  scheduler::Call call{id, scheduler::Teardown{}};
  if (what == "operate") {
    scheduler::Accept body{offers_of(words.at(1)), {}, filters};
    const AgentId agent = offer_agents_[body.offer_ids.front().value];
    for (std::size_t i = 2; i < words.size(); ++i) {
      if (!words[i].starts_with("refuse=")) {
        body.operations.push_back(operation_of(words[i], agent, id));
      }
    }
    call.body = body;
  } else if (what == "accept_inverse") {
    call.body = scheduler::AcceptInverseOffers{offers_of(words.at(1)), filters};
  } else if (what == "decline_inverse") {
    call.body = scheduler::DeclineInverseOffers{offers_of(words.at(1)), filters};
  } else if (what == "ack_operation") {
    call.body = scheduler::AcknowledgeOperationStatus{
        AgentId{words.at(2)}, std::nullopt, words.at(3), {words.at(1)}};
  } else if (what == "reconcile_operations") {
    scheduler::ReconcileOperations body;
    for (std::size_t i = 1; i < words.size(); ++i) {
      const auto parts = words_of(words[i], '@');
      body.operations.push_back({{parts.at(0)},
                                 parts.size() > 1 ? std::optional(AgentId{parts[1]}) : std::nullopt,
                                 std::nullopt});
    }
    for (const auto& status : master_->reconcile_operations(id, body)) {
      line("answer " + operation_text(status));
    }
    return;
  } else {
    scheduler::UpdateFramework body{
        std::get<scheduler::Subscribe>(subscribe_call(words).body).framework_info, {}, {}};
    body.framework_info.id = id;
    if (const auto problem = master_->update_problem(id, body)) {
      line("refused: " + *problem);
    }
    call.body = body;
  }
  step(SchedulerCall{connection, std::move(call)});
}

void Script::framework(ConnectionId connection, const Words& words) {
  const std::string& what = words.at(0);
  if (what == "close") {
    step(SchedulerClosed{connection});
    return;
  }
  scheduler::Call call{framework_id(connection), scheduler::Teardown{}};
  std::optional<model::Filters> filters;
  if (const auto refuse = option(words, "refuse")) {
    filters = model::Filters{parse_double(*refuse).value_or(0)};
  }
  const Words rest(words.begin() + 1, words.end());
  if (what == "subscribe") {
    call = subscribe_call(words);
  } else if (what == "accept") {
    scheduler::Accept body{offers_of(words.at(1)), {}, filters};
    model::Operation operation;
    operation.type = model::Operation::Type::launch;
    for (std::size_t i = 2; i + 1 < words.size() && !words[i].starts_with("refuse="); i += 2) {
      operation.launch_task_infos.push_back(
          task_info(words[i], words[i + 1], offer_agents_[body.offer_ids.front().value]));
    }
    body.operations.push_back(operation);
    call.body = body;
  } else if (what == "operate" || what == "accept_inverse" || what == "decline_inverse" ||
             what == "ack_operation" || what == "reconcile_operations" || what == "update") {
    more_of_framework(connection, words, filters);
    return;
  } else if (what == "decline") {
    call.body = scheduler::Decline{offers_of(words.at(1)), filters};
  } else if (what == "kill") {
    scheduler::Kill body{{words.at(1)}, std::nullopt, std::nullopt};
    if (words.size() > 2) {
      body.agent_id = AgentId{words[2]};
    }
    call.body = body;
  } else if (what == "ack") {
    call.body = scheduler::Acknowledge{{words.at(1)}, {words.at(2)}, words.at(3)};
  } else if (what == "reconcile") {
    scheduler::Reconcile body;
    for (const std::string& word : rest) {
      const auto parts = words_of(word, '@');
      body.tasks.push_back(
          {{parts.at(0)}, parts.size() > 1 ? std::optional(AgentId{parts[1]}) : std::nullopt});
    }
    call.body = body;
  } else if (what == "revive") {
    call.body = scheduler::Revive{rest};
  } else if (what == "suppress") {
    call.body = scheduler::Suppress{rest};
  }
  step(SchedulerCall{connection, std::move(call)});
}

void Script::show() {
  const SnapshotPtr snapshot = master_->snapshot();
  for (const auto* list : {&snapshot->agents, &snapshot->recovered_agents}) {
    for (const AgentView& agent : *list) {
      line(fmt::format("agent {} {} used={} offered={}",
                       agent.info.id->value,
                       agent.recovered     ? "recovered"
                       : agent.deactivated ? "deactivated"
                       : agent.active      ? "active"
                                           : "inactive",
                       resources_text(agent.used.list()),
                       resources_text(agent.offered.list())));
      show_more(agent);
    }
  }
  for (const FrameworkView& framework : snapshot->frameworks) {
    line(fmt::format("framework {} {}{}",
                     framework.info.id->value,
                     framework.active ? "active" : "inactive",
                     framework.recovered ? " recovered" : ""));
    const auto tasks = [&](const std::vector<TaskPtr>& list, std::string_view kind) {
      for (const TaskPtr& task : list) {
        line(
            fmt::format("  {} {} {}", kind, task->info.task_id.value, model::to_text(task->state)));
      }
    };
    tasks(framework.tasks, "task");
    tasks(framework.unreachable, "unreachable");
    tasks(framework.completed, "completed");
  }
  show_cluster(*snapshot);
}

std::string Script::run(const std::string& text) {
  out_.clear();
  const Words words = words_of(full(text), ' ');
  const Words rest(words.begin() + 1, words.end());
  if (words[0] == "tick") {
    tick(from_seconds(parse_double(words.at(1)).value_or(0)));
  } else if (words[0] == "restart") {
    start();
    settle();
  } else if (words[0] == "show") {
    show();
  } else if (words[0] == "op") {
    step(OperatorRequest{1, command_of(rest), option(words, "principal")});
  } else {
    const auto connection = static_cast<ConnectionId>(parse_int(words.at(1)).value_or(0));
    const Words call(words.begin() + 2, words.end());
    if (words[0] == "agent") {
      agent(connection, call);
    } else {
      framework(connection, call);
    }
  }
  return replace_all(out_, master_->facts().id + "-", "M-");
}

}  // namespace ekiden::master
