#include "marathon/daemon/mesos_metrics.h"

#include <gtest/gtest.h>

namespace ekiden::marathon {

namespace {

class MesosMetricsTest : public testing::Test {
 protected:
  // The line of a series, without its name.
  std::string value(const std::string& name) const {
    const std::string text = registry_.text();
    const std::size_t at = text.find("\n" + name + " ");
    return at == std::string::npos
               ? ""
               : text.substr(at + name.size() + 2, text.find('\n', at + 1) - at - name.size() - 2);
  }

  void update(model::TaskState state, std::optional<model::StatusReason> reason = {}) {
    model::TaskStatus status;
    status.task_id = TaskId{"web.instance-0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01._app.1"};
    status.state = state;
    if (reason) {
      status.reason = *reason;
    }
    metrics_.received(api::scheduler::Update{status}, snapshot_);
  }

  Registry registry_;
  MesosMetrics metrics_{registry_};
  Snapshot snapshot_;
};

TEST_F(MesosMetricsTest, CountsOffersAndWhatBecomesOfThem) {
  api::scheduler::Offers offers;
  offers.offers.resize(3);
  metrics_.received(offers, snapshot_);
  api::scheduler::Accept accept;
  accept.offer_ids = {OfferId{"1"}};
  accept.operations.resize(3);
  accept.operations[0].type = model::Operation::Type::reserve;
  accept.operations[1].type = model::Operation::Type::launch;
  accept.operations[1].launch_task_infos.resize(2);
  accept.operations[2].type = model::Operation::Type::launch_group;
  metrics_.sent({std::nullopt, accept});
  metrics_.sent({std::nullopt, api::scheduler::Decline{{OfferId{"2"}, OfferId{"3"}}, {}}});
  EXPECT_EQ(value("marathon_mesos_offers_incoming_counter"), "3");
  EXPECT_EQ(value("marathon_mesos_offers_used_counter"), "1");
  EXPECT_EQ(value("marathon_mesos_offers_declined_counter"), "2");
  EXPECT_EQ(value("marathon_mesos_offer_operations_reserve_counter"), "1");
  EXPECT_EQ(value("marathon_mesos_offer_operations_launch_counter"), "2");
  EXPECT_EQ(value("marathon_mesos_offer_operations_launch_group_counter"), "1");
  EXPECT_EQ(value("marathon_tasks_launched_counter"), "3");
}

TEST_F(MesosMetricsTest, RevivesAndSuppressesCountRoles) {
  metrics_.sent({std::nullopt, api::scheduler::Revive{{"a", "b"}}});
  metrics_.sent({std::nullopt, api::scheduler::Suppress{{"a"}}});
  EXPECT_EQ(value("marathon_mesos_calls_revive_counter"), "2");
  EXPECT_EQ(value("marathon_mesos_calls_suppress_counter"), "1");
}

TEST_F(MesosMetricsTest, AStateHasASeriesFromItsFirstUpdateOn) {
  EXPECT_EQ(value("marathon_mesos_task_updates_task_running_counter"), "");
  update(model::TaskState::running);
  update(model::TaskState::running);
  EXPECT_EQ(value("marathon_mesos_task_updates_task_running_counter"), "2");
}

TEST_F(MesosMetricsTest, Defect37UnfulfillableMemoryIsCounted) {
  auto app = std::make_shared<App>();
  app->id = PathId::parse("/web");
  app->mem = 100;
  snapshot_.root.apps.set(app->id, app);
  update(model::TaskState::failed, model::StatusReason::container_limitation_memory);
  EXPECT_EQ(value("marathon_mesos_task_oom_memory_limit_exceeded_counter"), "1");
  auto bursting = std::make_shared<App>(*app);
  bursting->resource_limits = ResourceLimits{std::nullopt, 200};
  snapshot_.root.apps.set(app->id, bursting);
  update(model::TaskState::failed, model::StatusReason::container_limitation_memory);
  EXPECT_EQ(value("marathon_mesos_task_oom_memory_limit_exceeded_counter"), "1");
  EXPECT_EQ(value("marathon_mesos_task_oom_memory_limit_unfulfillable_counter"), "1");
}

}  // namespace

}  // namespace ekiden::marathon
