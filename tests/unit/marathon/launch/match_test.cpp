#include "marathon/launch/match.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::launch {

namespace {

class MatchTest : public testing::Test {
 protected:
  MatchTest() {
    app_.cpus = 1;
    app_.mem = 100;
    offer_.allocation_role = "*";
    offer_.hostname = "a1";
    offer("cpus:4;mem:400;disk:100;ports:[31000-31009]");
  }

  void offer(const std::string& resources) {
    offer_.resources = model::parse_resources(resources)->list();
  }

  std::variant<Fit, Rejects> match_in(Budget& budget, Random& random) {
    const Demand demand = demand_of(app_, settings_);
    const Roles roles = accepted_roles(demand, role_, settings_);
    return match({demand, role_, roles, offer_, settings_, now_, home_region_},
                 Placement(app_),
                 budget,
                 random);
  }

  std::variant<Fit, Rejects> match_one() {
    Budget budget(offer_);
    return match_in(budget, random_);
  }

  Rejects rejects() {
    const auto result = match_one();
    const auto* found = std::get_if<Rejects>(&result);
    return found ? *found : Rejects{};
  }

  App app_;
  std::string role_ = "*";
  model::Offer offer_;
  Settings settings_;
  Now now_{};
  std::optional<std::string> home_region_;
  Random random_{1};
};

TEST_F(MatchTest, TakesWhatTheAppNeeds) {
  app_.port_definitions.resize(2);
  const auto result = match_one();
  const Fit* fit = std::get_if<Fit>(&result);
  ASSERT_NE(fit, nullptr);
  const model::Resources taken(fit->resources);
  EXPECT_EQ(taken.scalar("cpus").to_double(), 1);
  EXPECT_EQ(taken.scalar("mem").to_double(), 100);
  EXPECT_EQ(fit->ports.size(), 2u);
  EXPECT_TRUE(model::Resources(offer_.resources).contains(taken));
}

TEST_F(MatchTest, SaysEverythingThatIsMissing) {
  app_.cpus = 8;
  app_.mem = 800;
  app_.disk = 800;
  app_.gpus = 1;
  app_.port_definitions.resize(20);
  app_.constraints = {{"hostname", ConstraintOperator::like, "b.*"}};
  EXPECT_EQ(rejects(),
            (Rejects{Reject::unfulfilled_constraint,
                     Reject::insufficient_cpus,
                     Reject::insufficient_memory,
                     Reject::insufficient_disk,
                     Reject::insufficient_gpus,
                     Reject::insufficient_ports}));
}

TEST_F(MatchTest, RolesSelectResources) {
  role_ = "dev";
  EXPECT_TRUE(rejects().contains(Reject::unfulfilled_role));
  offer_.allocation_role = "dev";
  EXPECT_TRUE(rejects().empty());
  app_.accepted_resource_roles = {"dev"};
  EXPECT_TRUE(rejects().contains(Reject::unfulfilled_role));
  offer("cpus(dev):4;mem(dev):400");
  EXPECT_TRUE(rejects().empty());
}

TEST_F(MatchTest, SumsOverReservedAndUnreserved) {
  role_ = offer_.allocation_role = "dev";
  app_.cpus = 3;
  offer("cpus(dev):2;cpus:2;mem:400");
  const auto result = match_one();
  const Fit* fit = std::get_if<Fit>(&result);
  ASSERT_NE(fit, nullptr);
  EXPECT_EQ(model::Resources(fit->resources).scalar("cpus").to_double(), 3);
  EXPECT_GT(model::Resources(fit->resources).reserved("dev").scalar("cpus").to_double(), 0);
  EXPECT_GT(model::Resources(fit->resources).unreserved().scalar("cpus").to_double(), 0);
}

TEST_F(MatchTest, RefusesAgentsInMaintenance) {
  offer_.unavailability = model::Unavailability{{-5}, {}};
  EXPECT_EQ(rejects(), (Rejects{Reject::unfulfilled_constraint, Reject::agent_maintenance}));
  offer_.unavailability = model::Unavailability{{-5}, model::DurationInfo{1}};
  EXPECT_TRUE(rejects().empty());
}

TEST_F(MatchTest, LeavesScarceGpusToThoseWhoNeedThem) {
  offer("cpus:4;mem:400;gpus:1");
  EXPECT_EQ(rejects(), (Rejects{Reject::declined_scarce_resources}));
  app_.labels["GPU_SCHEDULING_BEHAVIOR"] = "unrestricted";
  EXPECT_TRUE(rejects().empty());
}

TEST_F(MatchTest, DrainingBeginsBeforeTheMaintenanceWindow) {
  offer_.unavailability = model::Unavailability{{10'000'000'000}, {}};
  EXPECT_TRUE(rejects().empty());
  settings_.draining_time = std::chrono::seconds(11);
  EXPECT_TRUE(rejects().contains(Reject::agent_maintenance));
  settings_.maintenance_mode = false;
  EXPECT_TRUE(rejects().empty());
}

TEST_F(MatchTest, TheLabelOverridesTheSettingForGpus) {
  offer("cpus:4;mem:400;gpus:1");
  settings_.gpu_scheduling = Settings::Gpus::unrestricted;
  EXPECT_TRUE(rejects().empty());
  app_.labels["GPU_SCHEDULING_BEHAVIOR"] = "restricted";
  EXPECT_EQ(rejects(), (Rejects{Reject::declined_scarce_resources}));
  app_.gpus = 1;
  EXPECT_TRUE(rejects().empty());
}

TEST_F(MatchTest, Defect26FaultDomainsGiveAReason) {
  home_region_ = "eu";
  EXPECT_TRUE(rejects().empty());  // no domain at all
  offer_.domain = model::DomainInfo{model::DomainInfo::FaultDomain{{"us"}, {"us-1"}}};
  EXPECT_EQ(rejects(), (Rejects{Reject::unfulfilled_constraint}));
  app_.constraints = {{"@zone", ConstraintOperator::like, "us-.*"}};
  EXPECT_TRUE(rejects().empty());
  home_region_ = "us";
  app_.constraints.clear();
  EXPECT_TRUE(rejects().empty());
}

TEST_F(MatchTest, Defect26PortsAreToldBesideOtherReasons) {
  app_.cpus = 100;
  app_.port_definitions.resize(20);
  EXPECT_EQ(rejects(), (Rejects{Reject::insufficient_cpus, Reject::insufficient_ports}));
}

TEST_F(MatchTest, TheDefaultRolesFollowTheSetting) {
  role_ = offer_.allocation_role = "dev";
  offer("cpus(dev):4;mem(dev):400");
  EXPECT_TRUE(rejects().empty());
  settings_.accepted_roles_default = Settings::AcceptedRoles::unreserved;
  EXPECT_TRUE(rejects().contains(Reject::unfulfilled_role));
  offer("cpus:4;mem:400");
  EXPECT_TRUE(rejects().empty());
  settings_.accepted_roles_default = Settings::AcceptedRoles::reserved;
  EXPECT_TRUE(rejects().contains(Reject::unfulfilled_role));
}

TEST_F(MatchTest, RequiredPortsMayLieInRangesOfSeveralRoles) {
  role_ = offer_.allocation_role = "dev";
  offer("cpus:4;mem:400;ports(dev):[8000-8001,9000-9000];ports:[80-80]");
  app_.require_ports = true;
  app_.port_definitions.resize(3);
  app_.port_definitions[0].port = 9000;
  app_.port_definitions[1].port = 80;
  app_.port_definitions[2].port = 8001;
  const auto result = match_one();
  const Fit* fit = std::get_if<Fit>(&result);
  ASSERT_NE(fit, nullptr);
  EXPECT_EQ(fit->ports, (HostPorts{9000, 80, 8001}));
  const model::Resources taken(fit->resources);
  EXPECT_EQ(taken.unreserved().ranges("ports"), (std::vector<model::Range>{{80, 80}}));
  EXPECT_EQ(taken.reserved("dev").ranges("ports"),
            (std::vector<model::Range>{{8001, 8001}, {9000, 9000}}));
}

TEST_F(MatchTest, ACustomExecutorNeedsResourcesOfItsOwn) {
  app_.executor = "/bin/mine";
  app_.executor_resources = ExecutorResources{1, 100, 10};
  const auto result = match_one();
  const Fit* fit = std::get_if<Fit>(&result);
  ASSERT_NE(fit, nullptr);
  EXPECT_EQ(model::Resources(fit->executor).scalar("cpus").to_double(), 1);
  EXPECT_EQ(model::Resources(fit->executor).scalar("disk").to_double(), 10);
  EXPECT_EQ(model::Resources(fit->resources).scalar("cpus").to_double(), 1);
  offer("cpus:1.5;mem:400;disk:100");
  EXPECT_EQ(rejects(), (Rejects{Reject::insufficient_cpus}));
  app_.executor = "//cmd";
  EXPECT_TRUE(rejects().empty());
}

TEST_F(MatchTest, LeavesWhatBelongsToOneInstance) {
  model::Resource& cpus = offer_.resources.front();
  ASSERT_EQ(cpus.name, "cpus");
  model::Reservation reservation;
  reservation.role = "*";
  reservation.labels = model::Labels{{{"marathon_task_id", "x"}}};
  cpus.reservations = {reservation};
  EXPECT_EQ(rejects(), (Rejects{Reject::insufficient_cpus}));
  cpus.reservations.front().labels = model::Labels{{{"other", "x"}}};
  EXPECT_TRUE(rejects().empty());
}

TEST_F(MatchTest, AFailureTakesNothing) {
  app_.port_definitions.resize(20);
  Budget budget(offer_);
  const auto before = budget.left();
  match_in(budget, random_);
  EXPECT_EQ(budget.left(), before);
}

// Whatever is taken was there, and it is gone afterwards: until nothing fits any more.
TEST_F(MatchTest, NeverTakesMoreThanTheOfferHas) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    app_.cpus = 0.1 * static_cast<double>(1 + random.below(9));
    app_.mem = static_cast<double>(1 + random.below(90));
    app_.port_definitions.resize(random.below(3));
    offer("cpus:3;mem:300;cpus(x):1;ports:[1-4,8-12]");
    offer_.allocation_role = role_ = "x";
    Budget budget(offer_);
    model::Resources taken;
    std::size_t count = 0;
    while (count < 1000) {
      auto result = match_in(budget, random);
      if (std::holds_alternative<Rejects>(result)) {
        EXPECT_FALSE(std::get<Rejects>(result).empty());
        break;
      }
      taken += model::Resources(std::get<Fit>(result).resources);
      ++count;
    }
    EXPECT_GT(count, 0u);
    EXPECT_TRUE(model::Resources(offer_.resources).contains(taken)) << "seed " << seed;
    EXPECT_EQ(taken.scalar("cpus").milli,
              static_cast<std::int64_t>(count) * model::Scalar::from_double(app_.cpus).milli);
  }
}

}  // namespace

}  // namespace ekiden::marathon::launch
