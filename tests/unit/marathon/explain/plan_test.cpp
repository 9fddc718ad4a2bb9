// What a change would do, on the real machine: told, and not done.
#include "marathon/explain/plan.h"

#include "core/json/json.h"
#include "marathon/explain/why.h"
#include "tests/unit/marathon/machine/world.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace ekiden::marathon::explain {

namespace {

using namespace std::chrono_literals;
using test::World;

constexpr const char* kAgent = "cpus:4;mem:4000;disk:4000;ports:[31000-31099]";

class PlanTest : public testing::Test {
 protected:
  PlanTest() { world_.agent("a1", kAgent); }

  Plan plan(Change change) {
    ChangeRoot wanted;
    wanted.request = 77;
    wanted.change = std::move(change);
    wanted.what_if = true;
    world_.command(wanted);
    world_.run(1ms);
    const auto* applied = std::get_if<Applied>(&world_.replies().back().body);
    if (!applied || !applied->plan) {
      const auto* rejected = std::get_if<Rejected>(&world_.replies().back().body);
      ADD_FAILURE() << (rejected ? rejected->error.message : "no plan");
      return {};
    }
    return describe_plan(*world_.snapshot(), *applied->plan, Settings(), world_.now());
  }

  Plan put(const std::string& path, const std::string& body) {
    PutApps change;
    change.apps.push_back({PathId::parse(path), *json::parse(body)});
    return plan(std::move(change));
  }

  void deploy(const std::string& path, const std::string& body) {
    world_.put(path, body);
    world_.run(3s);
  }

  World world_;
};

TEST_F(PlanTest, ANewAppStartsItsInstancesAndNothingHappens) {
  world_.put("/other", R"({"cmd":"xx","cpus":1,"mem":32})");
  world_.run(3s);
  const std::size_t commits = world_.commits();
  const Plan answer = put("/web", R"({"cmd":"xx","cpus":1,"mem":32,"instances":3})");
  EXPECT_TRUE(answer.changes);
  EXPECT_TRUE(answer.fits);
  ASSERT_EQ(answer.services.size(), 1u);
  EXPECT_EQ(answer.services[0].change, "created");
  EXPECT_EQ(answer.services[0].instances.started, 3);
  EXPECT_EQ(answer.services[0].room->text, "room for 3 more now");
  ASSERT_EQ(answer.steps.size(), 2u);
  EXPECT_EQ(answer.steps[1].actions[0].action, "ScaleApplication");
  EXPECT_EQ(answer.totals.started, 3);
  // Nothing is stored, started or told.
  EXPECT_EQ(world_.commits(), commits);
  EXPECT_EQ(world_.snapshot()->root.find_app(PathId::parse("/web")), nullptr);
  EXPECT_TRUE(world_.snapshot()->deployments.empty());
  world_.run(10s);
  EXPECT_TRUE(world_.tasks_of("/web").empty());
}

TEST_F(PlanTest, AnUpdateShowsItsFieldsAndItsRoll) {
  deploy("/web", R"({"cmd":"v1","cpus":1,"mem":32,"instances":2})");
  const Plan answer = put(
      "/web",
      R"({"cmd":"v2","upgradeStrategy":{"minimumHealthCapacity":0.5,"maximumOverCapacity":0}})");
  ASSERT_EQ(answer.services.size(), 1u);
  const ServicePlan& service = answer.services[0];
  EXPECT_EQ(service.change, "updated");
  EXPECT_EQ(service.instances.replaced, 2);
  EXPECT_EQ(service.instances.started, 0);
  EXPECT_EQ(service.instances.at_least, 1);
  EXPECT_EQ(service.instances.at_most, 2);
  bool found = false;
  for (const FieldChange& field : service.fields) {
    if (field.path == "/cmd") {
      found = true;
      EXPECT_EQ(field.before->as_string(), "v1");
      EXPECT_EQ(field.after->as_string(), "v2");
    }
  }
  EXPECT_TRUE(found);
}

TEST_F(PlanTest, SaysWhatDoesNotFit) {
  const Plan answer = put("/web", R"({"cmd":"xx","cpus":1,"mem":32,"instances":9})");
  EXPECT_TRUE(answer.fits);  // no agent was seen yet: nothing is known against it
  deploy("/other", R"({"cmd":"xx","cpus":1,"mem":32})");
  const Plan known = put("/web", R"({"cmd":"xx","cpus":1,"mem":32,"instances":9})");
  EXPECT_FALSE(known.fits);
  EXPECT_EQ(known.services[0].room->fitting, 3);
  EXPECT_EQ(known.services[0].room->wanted, 9);
  EXPECT_FALSE(known.services[0].nodes.empty());
  EXPECT_NE(known.text.find("does not fit now"), std::string::npos);
}

TEST_F(PlanTest, ConstraintsLimitWhatFits) {
  world_.agent("a2", kAgent);
  deploy("/other", R"({"cmd":"xx","cpus":1,"mem":32})");
  const Plan answer = put(
      "/web",
      R"({"cmd":"xx","cpus":0.1,"mem":32,"instances":3,"constraints":[["hostname","UNIQUE"]]})");
  EXPECT_EQ(answer.services[0].room->fitting, 2);
}

TEST_F(PlanTest, ADeletionStopsEverything) {
  deploy("/web", R"({"cmd":"xx","cpus":1,"mem":32,"instances":2})");
  const Plan answer = plan(DeleteApp{PathId::parse("/web")});
  ASSERT_EQ(answer.services.size(), 1u);
  EXPECT_EQ(answer.services[0].change, "removed");
  EXPECT_EQ(answer.services[0].instances.stopped, 2);
  EXPECT_EQ(answer.totals.stopped, 2);
  EXPECT_EQ(world_.tasks_of("/web").size(), 2u);
}

TEST_F(PlanTest, ARestartReplacesAll) {
  deploy("/web", R"({"cmd":"xx","cpus":1,"mem":32,"instances":2})");
  const Plan answer = plan(RestartApp{PathId::parse("/web")});
  ASSERT_EQ(answer.services.size(), 1u);
  EXPECT_EQ(answer.services[0].change, "restarted");
  EXPECT_EQ(answer.services[0].instances.replaced, 2);
}

TEST_F(PlanTest, NothingChangesWhenNothingDiffers) {
  deploy("/web", R"({"cmd":"xx","cpus":1,"mem":32})");
  const Plan answer = put("/web", R"({"cmd":"xx"})");
  EXPECT_FALSE(answer.changes);
  EXPECT_EQ(answer.text, "nothing changes");
}

TEST_F(PlanTest, NamesRunningDeploymentsInTheWay) {
  deploy("/web", R"({"cmd":"xx","cpus":99,"mem":32})");
  ASSERT_EQ(world_.snapshot()->deployments.size(), 1u);
  const Plan answer = put("/web", R"({"cpus":1})");
  EXPECT_EQ(answer.conflicts,
            std::vector<std::string>{world_.snapshot()->deployments[0]->plan->id.value});
  EXPECT_EQ(world_.snapshot()->deployments.size(), 1u);
}

TEST_F(PlanTest, AGroupShowsAllItsServicesInOrder) {
  PutGroup change;
  change.id = PathId::parse("/g");
  change.body = *json::parse(R"({"apps":[{"id":"db","cmd":"xx","cpus":1,"mem":32},
      {"id":"web","cmd":"xx","cpus":1,"mem":32,"dependencies":["/g/db"]}]})");
  const Plan answer = plan(std::move(change));
  EXPECT_EQ(answer.services.size(), 2u);
  ASSERT_EQ(answer.steps.size(), 3u);
  EXPECT_EQ(answer.steps[1].actions[0].app, "/g/db");
  EXPECT_EQ(answer.steps[2].actions[0].app, "/g/web");
  EXPECT_EQ(answer.totals.started, 2);
}

TEST_F(PlanTest, InvalidChangesAreRefusedAsUsual) {
  PutApps change;
  change.apps.push_back({PathId::parse("/web"), *json::parse(R"({"cmd":"xx","instances":-1})")});
  ChangeRoot wanted;
  wanted.request = 77;
  wanted.change = std::move(change);
  wanted.what_if = true;
  world_.command(wanted);
  world_.run(1ms);
  ASSERT_FALSE(world_.replies().empty());
  EXPECT_TRUE(std::holds_alternative<Rejected>(world_.replies().back().body));
}

// schemas/why.json, why-many.json and plan.json: UPDATE_GOLDEN=1 writes them anew.
void expect_same(const std::string& file, const std::string& document) {
  const std::string path = std::string(EKIDEN_SOURCE_DIR) + "/schemas/" + file;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {  // NOLINT: one thread
    std::ofstream(path) << document << '\n';
  }
  std::ifstream in(path);
  const std::string stored{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(stored, document + '\n') << path << " differs: run the test with UPDATE_GOLDEN=1";
}

TEST(ExplainSchemas, AreThoseOfTheTables) {
  expect_same("why.json", json::schema_document<Why>());
  expect_same("why-many.json", json::schema_document<WhyMany>());
  expect_same("plan.json", json::schema_document<Plan>());
}

}  // namespace

}  // namespace ekiden::marathon::explain
