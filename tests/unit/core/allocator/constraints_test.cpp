#include "core/allocator/constraints.h"

#include <gtest/gtest.h>

namespace ekiden::allocator {
namespace {

using model::AttributeConstraint;
using model::OfferConstraints;

AgentSpec host() {
  AgentSpec spec;
  spec.hostname = "one.example.org";
  spec.attributes = *model::parse_attributes("rack:r1;score:1.5;rack:r2;level:[1-3]");
  spec.domain.emplace().fault_domain.emplace() = {{"eu"}, {"eu-1"}};
  return spec;
}

AttributeConstraint about(const std::string& name) {
  AttributeConstraint constraint;
  constraint.selector.attribute_name = name;
  return constraint;
}

// Whether an agent like host() is offered under that one constraint.
bool offered(const AttributeConstraint& constraint, const AgentSpec& agent = host()) {
  OfferConstraints all;
  all.role_constraints["x"].groups = {{{constraint}}};
  const auto filter = ConstraintsFilter::compile(all, {});
  EXPECT_TRUE(filter) << filter.error().message;
  return filter && !(*filter)->excludes("x", agent);
}

Result<std::shared_ptr<const ConstraintsFilter>> compile(
    std::vector<OfferConstraints::Group> groups) {
  OfferConstraints all;
  all.role_constraints["x"].groups = std::move(groups);
  return ConstraintsFilter::compile(all, {});
}

TEST(ConstraintsTest, TheFirstAttributeOfThatNameCounts) {
  AttributeConstraint rack = about("rack");
  rack.predicate.text_equals = "r1";
  EXPECT_TRUE(offered(rack));
  rack.predicate.text_equals = "r2";
  EXPECT_FALSE(offered(rack));
}

TEST(ConstraintsTest, AttributesThatAreNotTextSatisfyTextPredicates) {
  AttributeConstraint score = about("score");
  score.predicate.text_equals = "2";
  EXPECT_TRUE(offered(score));
  AttributeConstraint level = about("level");
  level.predicate.text_not_matches = ".*";
  EXPECT_TRUE(offered(level));
}

TEST(ConstraintsTest, AMissingAttributeSatisfiesOnlyTheNegativeOnes) {
  AttributeConstraint gone = about("gone");
  gone.predicate.text_equals = "a";
  EXPECT_FALSE(offered(gone));
  gone.predicate = {};
  gone.predicate.text_matches = ".*";
  EXPECT_FALSE(offered(gone));
  gone.predicate = {};
  gone.predicate.text_not_equals = "a";
  EXPECT_TRUE(offered(gone));
  gone.predicate = {};
  gone.predicate.text_not_matches = ".*";
  EXPECT_TRUE(offered(gone));
  gone.predicate = {};
  gone.predicate.not_exists = true;
  EXPECT_TRUE(offered(gone));
  gone.predicate = {};
  gone.predicate.exists = true;
  EXPECT_FALSE(offered(gone));
}

TEST(ConstraintsTest, ExpressionsMatchAsAWhole) {
  AttributeConstraint rack = about("rack");
  rack.predicate.text_matches = "r";
  EXPECT_FALSE(offered(rack));
  rack.predicate.text_matches = "r[0-9]";
  EXPECT_TRUE(offered(rack));
  rack.predicate = {};
  rack.predicate.text_not_matches = "r[0-9]";
  EXPECT_FALSE(offered(rack));
}

TEST(ConstraintsTest, HostnameRegionAndZoneAreSelectable) {
  AttributeConstraint where;
  where.selector.pseudoattribute_type = AttributeConstraint::Pseudo::hostname;
  where.predicate.text_equals = "one.example.org";
  EXPECT_TRUE(offered(where));
  where.selector.pseudoattribute_type = AttributeConstraint::Pseudo::region;
  where.predicate.text_equals = "eu";
  EXPECT_TRUE(offered(where));
  where.selector.pseudoattribute_type = AttributeConstraint::Pseudo::zone;
  where.predicate.text_equals = "eu-1";
  EXPECT_TRUE(offered(where));
  EXPECT_FALSE(offered(where, AgentSpec{}));
}

TEST(ConstraintsTest, WhatSaysNothingIsRefused) {
  EXPECT_FALSE(compile({}));
  EXPECT_FALSE(compile({{}}));
  EXPECT_FALSE(compile({{{about("rack")}}}));  // no predicate
  AttributeConstraint nowhere;
  nowhere.predicate.exists = true;
  EXPECT_FALSE(compile({{{nowhere}}}));
}

TEST(ConstraintsTest, BadAndTooLargeExpressionsAreRefused) {
  AttributeConstraint rack = about("rack");
  rack.predicate.text_matches = "(";
  EXPECT_FALSE(compile({{{rack}}}));
  rack.predicate.text_matches = "(abcdefghij){20}";
  const auto large = compile({{{rack}}});
  ASSERT_FALSE(large);
  EXPECT_NE(large.error().message.find("role x"), std::string::npos) << large.error().message;
}

TEST(ConstraintsTest, RolesWithoutAnEntryAreNotConstrained) {
  AttributeConstraint rack = about("rack");
  rack.predicate.text_equals = "other";
  const auto filter = compile({{{rack}}});
  ASSERT_TRUE(filter);
  EXPECT_TRUE((*filter)->excludes("x", host()));
  EXPECT_FALSE((*filter)->excludes("y", host()));
}

}  // namespace
}  // namespace ekiden::allocator
