#include "marathon/launch/constraints.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::launch {

namespace {

using Op = ConstraintOperator;

model::Offer offer_of(const std::string& host, const std::string& rack = "") {
  model::Offer offer;
  offer.hostname = host;
  if (!rack.empty()) {
    offer.attributes.push_back({"rack", model::Attribute::Type::text, {}, {}, rack});
  }
  return offer;
}

App app_with(Constraint constraint, std::int32_t instances = 4) {
  App app;
  app.instances = instances;
  app.constraints = {std::move(constraint)};
  return app;
}

// Which of the hosts still fit after instances were placed on `placed`.
std::string fitting(const App& app,
                    const std::vector<std::string>& placed,
                    const std::vector<std::string>& hosts) {
  Placement placement(app);
  for (const std::string& host : placed) {
    placement.placed(offer_of(host, "r-" + host));
  }
  for (const std::string& host : hosts) {
    placement.see(offer_of(host, "r-" + host));
  }
  std::string result;
  for (const std::string& host : hosts) {
    result += placement.fits(offer_of(host, "r-" + host)) ? host : "";
  }
  return result;
}

TEST(Constraints, UniqueAllowsOnePerValue) {
  EXPECT_EQ(fitting(app_with({"hostname", Op::unique, {}}), {"a"}, {"a", "b"}), "b");
  EXPECT_EQ(fitting(app_with({"@hostname", Op::unique, {}}), {"a"}, {"a", "b"}), "b");
  EXPECT_EQ(fitting(app_with({"rack", Op::unique, {}}), {"a"}, {"a", "b"}), "b");
}

TEST(Constraints, ClusterKeepsTogether) {
  EXPECT_EQ(fitting(app_with({"hostname", Op::cluster, {}}), {}, {"a", "b"}), "ab");
  EXPECT_EQ(fitting(app_with({"hostname", Op::cluster, {}}), {"b"}, {"a", "b"}), "b");
  EXPECT_EQ(fitting(app_with({"hostname", Op::cluster, "a"}), {}, {"a", "b"}), "a");
}

TEST(Constraints, MaxPerCounts) {
  EXPECT_EQ(fitting(app_with({"hostname", Op::max_per, "2"}), {"a", "a", "b"}, {"a", "b"}), "b");
}

TEST(Constraints, GroupBySpreadsEvenly) {
  const App app = app_with({"hostname", Op::group_by, "2"}, 4);
  EXPECT_EQ(fitting(app, {"a", "a"}, {"a", "b", "c"}), "bc");
  EXPECT_EQ(fitting(app, {"a", "b"}, {"a", "b", "c"}), "ab");
  // Five over two: one group may have three.
  EXPECT_EQ(fitting(app_with({"hostname", Op::group_by, "2"}, 5), {"a", "a", "b", "b"}, {"a", "b"}),
            "ab");
}

TEST(Constraints, GroupByWithoutNumberSpreadsOverWhatIsSeen) {
  EXPECT_EQ(fitting(app_with({"hostname", Op::group_by, {}}, 4), {"a", "a"}, {"a", "b"}), "b");
  EXPECT_EQ(fitting(app_with({"hostname", Op::group_by, {}}, 4), {"a"}, {"a"}), "a");
}

TEST(Constraints, LikeIsAnchoredUnlikePassesWithoutTheField) {
  EXPECT_EQ(fitting(app_with({"hostname", Op::like, "a|b"}), {}, {"a", "b", "ab"}), "ab");
  EXPECT_EQ(fitting(app_with({"hostname", Op::unlike, "a.*"}), {}, {"a", "b", "ab"}), "b");
  const Placement unlike(app_with({"zone", Op::unlike, "x"}));
  EXPECT_TRUE(unlike.fits(offer_of("a")));
  const Placement like(app_with({"zone", Op::like, "x"}));
  EXPECT_FALSE(like.fits(offer_of("a")));
}

TEST(Constraints, InvalidExpressionNeverMatches) {
  EXPECT_FALSE(Placement(app_with({"hostname", Op::like, "("})).fits(offer_of("(")));
  EXPECT_FALSE(Placement(app_with({"hostname", Op::unlike, "("})).fits(offer_of("a")));
}

TEST(Constraints, Defect25GroupByWithoutAValueDoesNotDivideByZero) {
  EXPECT_EQ(fitting(app_with({"hostname", Op::group_by, {}}, 3), {}, {"a", "b"}), "ab");
  EXPECT_EQ(fitting(app_with({"hostname", Op::group_by, "0"}, 3), {}, {"a", "b"}), "ab");
  EXPECT_EQ(fitting(app_with({"hostname", Op::group_by, {}}, 0), {"a"}, {"b"}), "b");
}

TEST(Constraints, Defect25aReservedInstancesCountAsPlaced) {
  App app = app_with({"hostname", Op::unique, {}});
  Instance waiting;
  waiting.app = std::make_shared<const App>(app);
  waiting.place = AgentPlace{"a", {}, {}, {}, {}};
  EXPECT_FALSE(is_placed(waiting, {}));
  waiting.reservation = Reservation{};
  EXPECT_TRUE(is_placed(waiting, {}));
  Placement placement(app);
  placement.count(waiting);
  EXPECT_FALSE(placement.fits(offer_of("a")));
  // It may itself be launched there.
  EXPECT_TRUE(placement.without(waiting).fits(offer_of("a")));
}

TEST(Constraints, LostAndOlderInstancesDoNotCount) {
  App app;
  app.version_info.version = WallTime(std::chrono::hours(2));
  Instance instance;
  instance.app = std::make_shared<const App>(app);
  instance.place = AgentPlace{"a", {}, {}, {}, {}};
  instance.condition = Condition::running;
  EXPECT_TRUE(is_placed(instance, WallTime(std::chrono::hours(2))));
  EXPECT_FALSE(is_placed(instance, WallTime(std::chrono::hours(3))));
  instance.condition = Condition::unreachable;
  EXPECT_FALSE(is_placed(instance, {}));
  instance.condition = Condition::unreachable_inactive;
  EXPECT_TRUE(is_placed(instance, {}));
  instance.condition = Condition::failed;
  EXPECT_FALSE(is_placed(instance, {}));
  instance.goal = Goal::decommissioned;
  EXPECT_TRUE(is_placed(instance, {}));
}

// What the master is told never excludes an agent that would fit.
TEST(Constraints, AreToldToTheMasterAsFarAsItUnderstandsThem) {
  const auto told = [](Constraint constraint) {
    Placement placement(app_with(std::move(constraint)));
    placement.placed(offer_of("a", "r1"));
    return placement.wanted_agents();
  };
  const auto unique = told({"hostname", Op::unique, {}});
  ASSERT_EQ(unique.size(), 2u);
  EXPECT_TRUE(unique[0].predicate.exists);
  EXPECT_EQ(unique[1].selector.pseudoattribute_type, model::AttributeConstraint::Pseudo::hostname);
  EXPECT_EQ(unique[1].predicate.text_not_equals, "a");
  EXPECT_EQ(told({"rack", Op::max_per, "2"}).size(), 1u);
  EXPECT_EQ(told({"rack", Op::max_per, "1"})[1].predicate.text_not_equals, "r1");
  EXPECT_EQ(told({"rack", Op::like, "r.*"})[1].predicate.text_matches, "r.*");
  EXPECT_EQ(told({"rack", Op::like, "(?!x).*"}).size(), 1u);
  EXPECT_EQ(told({"rack", Op::unlike, "r.*"})[0].predicate.text_not_matches, "r.*");
  EXPECT_EQ(told({"rack", Op::cluster, {}})[1].predicate.text_equals, "r1");
  EXPECT_EQ(told({"rack", Op::is, "5"}).size(), 1u);
  EXPECT_EQ(told({"rack", Op::group_by, "2"}).size(), 1u);
}

TEST(Constraints, TellWhichOfThemFail) {
  App app = app_with({"hostname", Op::unique, {}});
  app.constraints.push_back({"rack", Op::like, "r-[12]"});
  Placement placement(app);
  placement.placed(offer_of("a", "r-1"));
  EXPECT_EQ(placement.failing(offer_of("a", "r-1")),
            (std::vector<std::string>{"[hostname, UNIQUE]"}));
  EXPECT_EQ(placement.failing(offer_of("b", "r-3")),
            (std::vector<std::string>{"[rack, LIKE, r-[12]]"}));
  EXPECT_TRUE(placement.failing(offer_of("b", "r-2")).empty());
}

TEST(Constraints, IsComparesNumbersByValue) {
  model::Offer offer = offer_of("a");
  offer.attributes.push_back(
      {"level", model::Attribute::Type::scalar, model::Scalar::from_double(1.5), {}, ""});
  EXPECT_TRUE(Placement(app_with({"level", Op::is, "1.50"})).fits(offer));
  EXPECT_FALSE(Placement(app_with({"level", Op::is, "2"})).fits(offer));
}

TEST(Constraints, RegionAndZoneComeFromTheFaultDomain) {
  model::Offer offer = offer_of("a");
  offer.domain = model::DomainInfo{model::DomainInfo::FaultDomain{{"eu"}, {"eu-1"}}};
  EXPECT_EQ(field_of("@region", offer), "eu");
  EXPECT_EQ(field_of("@zone", offer), "eu-1");
  EXPECT_EQ(field_of("@zone", offer_of("a")), std::nullopt);
}

TEST(Constraints, AttributesHaveOneText) {
  EXPECT_EQ(to_text({"x", model::Attribute::Type::scalar, {1500}, {}, ""}), "1.5");
  EXPECT_EQ(to_text({"x", model::Attribute::Type::scalar, {2000}, {}, ""}), "2");
  EXPECT_EQ(to_text({"x", model::Attribute::Type::ranges, {}, {{5, 6}, {1, 2}}, ""}), "[1-2,5-6]");
  EXPECT_EQ(to_text({"x", model::Attribute::Type::set, {}, {}, "b, a"}), "{a,b}");
}

}  // namespace

}  // namespace ekiden::marathon::launch
