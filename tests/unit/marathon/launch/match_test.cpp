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

  std::variant<Fit, Rejects> match_one() {
    Budget budget(offer_);
    return match({app_, role_, offer_, settings_, {}}, Placement(app_), budget, random_);
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

TEST_F(MatchTest, AFailureTakesNothing) {
  app_.port_definitions.resize(20);
  Budget budget(offer_);
  const auto before = budget.left();
  match({app_, role_, offer_, settings_, {}}, Placement(app_), budget, random_);
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
      auto result = match({app_, role_, offer_, settings_, {}}, Placement(app_), budget, random);
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
