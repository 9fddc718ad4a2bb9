#include "core/json/codec.h"
#include "marathon/explain/plan.h"
#include "marathon/explain/why.h"

namespace ekiden::json {

using namespace marathon::explain;  // NOLINT: the tables below are made of these

template <>
struct Names<Code> {
  static constexpr std::pair<Code, std::string_view> table[] = {
      {Code::resources, "insufficientResources"},
      {Code::constraint, "constraint"},
      {Code::role, "role"},
      {Code::host_port, "hostPort"},
      {Code::service_port, "servicePort"},
      {Code::volume_away, "volumeAway"},
      {Code::quota, "quota"},
      {Code::dependency, "dependency"},
      {Code::backoff, "backoff"},
      {Code::image, "image"},
      {Code::fetch, "fetch"},
      {Code::exits, "exits"},
      {Code::out_of_memory, "outOfMemory"},
      {Code::unhealthy, "unhealthy"},
      {Code::not_ready, "notReady"},
      {Code::paused, "paused"},
      {Code::superseded, "superseded"},
      {Code::node_away, "nodeAway"},
      {Code::missing, "missing"},
      {Code::degraded, "degraded"},
      {Code::starting, "starting"}};
};

template <>
struct Schema<Stage> {
  static constexpr auto fields = std::tuple{
      field("stage", &Stage::name), field("in", &Stage::in), field("removed", &Stage::removed)};
};

template <>
struct Schema<Lack> {
  static constexpr auto fields = std::tuple{field("what", &Lack::what),
                                            field("wanted", &Lack::wanted),
                                            field("left", &Lack::left),
                                            field("text", &Lack::text)};
};

template <>
struct Schema<Nearest> {
  static constexpr auto fields = std::tuple{field("host", &Nearest::host),
                                            field("agentId", &Nearest::agent_id),
                                            field("lacks", &Nearest::lacks)};
};

template <>
struct Schema<Largest> {
  static constexpr auto fields = std::tuple{field("what", &Largest::what),
                                            field("wanted", &Largest::wanted),
                                            field("largest", &Largest::largest),
                                            field("sum", &Largest::sum),
                                            field("host", &Largest::host)};
};

template <>
struct Schema<Reason> {
  static constexpr auto fields = std::tuple{field("code", &Reason::code),
                                            field("since", &Reason::since),
                                            field("text", &Reason::text),
                                            field("fix", &Reason::fix)};
};

template <>
struct Schema<InstanceCounts> {
  static constexpr auto fields = std::tuple{field("wanted", &InstanceCounts::wanted),
                                            field("running", &InstanceCounts::running),
                                            field("healthy", &InstanceCounts::healthy),
                                            field("unhealthy", &InstanceCounts::unhealthy),
                                            field("staged", &InstanceCounts::staged),
                                            field("waiting", &InstanceCounts::waiting),
                                            field("unreachable", &InstanceCounts::unreachable)};
};

template <>
struct Schema<Why> {
  static constexpr auto fields = std::tuple{field("id", &Why::id),
                                            field("type", &Why::type),
                                            field("status", &Why::status),
                                            field("text", &Why::text),
                                            field("since", &Why::since),
                                            field("instances", &Why::instances),
                                            field("reasons", &Why::reasons),
                                            field("nodes", &Why::nodes),
                                            field("nearest", &Why::nearest),
                                            field("largest", &Why::largest)};
};

template <>
struct Schema<WhyMany> {
  static constexpr auto fields = std::tuple{field("id", &WhyMany::id),
                                            field("type", &WhyMany::type),
                                            field("status", &WhyMany::status),
                                            field("text", &WhyMany::text),
                                            field("total", &WhyMany::total),
                                            field("members", &WhyMany::members)};
};

template <>
struct Schema<FieldChange> {
  static constexpr auto fields = std::tuple{field("path", &FieldChange::path),
                                            field("before", &FieldChange::before),
                                            field("after", &FieldChange::after)};
};

template <>
struct Schema<Effect> {
  static constexpr auto fields = std::tuple{field("before", &Effect::before),
                                            field("after", &Effect::after),
                                            field("started", &Effect::started),
                                            field("stopped", &Effect::stopped),
                                            field("replaced", &Effect::replaced),
                                            field("atLeast", &Effect::at_least),
                                            field("atMost", &Effect::at_most)};
};

template <>
struct Schema<Room> {
  static constexpr auto fields = std::tuple{field("fits", &Room::fits),
                                            field("wanted", &Room::wanted),
                                            field("fitting", &Room::fitting),
                                            field("text", &Room::text)};
};

template <>
struct Schema<ServicePlan> {
  static constexpr auto fields = std::tuple{field("id", &ServicePlan::id),
                                            field("type", &ServicePlan::type),
                                            field("change", &ServicePlan::change),
                                            field("fields", &ServicePlan::fields),
                                            field("instances", &ServicePlan::instances),
                                            field("room", &ServicePlan::room),
                                            field("nodes", &ServicePlan::nodes),
                                            field("nearest", &ServicePlan::nearest)};
};

template <>
struct Schema<PlannedAction> {
  static constexpr auto fields =
      std::tuple{field("action", &PlannedAction::action), field("app", &PlannedAction::app)};
};

template <>
struct Schema<PlannedStep> {
  static constexpr auto fields = std::tuple{field("actions", &PlannedStep::actions)};
};

template <>
struct Schema<Totals> {
  static constexpr auto fields = std::tuple{field("services", &Totals::services),
                                            field("started", &Totals::started),
                                            field("stopped", &Totals::stopped),
                                            field("replaced", &Totals::replaced)};
};

template <>
struct Schema<Plan> {
  static constexpr auto fields = std::tuple{field("changes", &Plan::changes),
                                            field("fits", &Plan::fits),
                                            field("text", &Plan::text),
                                            field("version", &Plan::version),
                                            field("steps", &Plan::steps),
                                            field("services", &Plan::services),
                                            field("totals", &Plan::totals),
                                            field("conflicts", &Plan::conflicts),
                                            field("groups", &Plan::groups)};
};

}  // namespace ekiden::json

EKIDEN_JSON_TYPE(ekiden::marathon::explain::Why)
EKIDEN_JSON_TYPE(ekiden::marathon::explain::WhyMany)
EKIDEN_JSON_TYPE(ekiden::marathon::explain::Plan)
