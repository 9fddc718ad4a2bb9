#include "marathon/launch/queue.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::launch {

namespace {

using namespace std::chrono_literals;

model::Offer offer_from(const std::string& agent) {
  model::Offer offer;
  offer.agent_id = AgentId{agent};
  return offer;
}

std::string funnel(const std::vector<RejectCount>& counts) {
  std::string text;
  for (const RejectCount& count : counts) {
    if (count.declined > 0) {
      text += count.reason + ":" + std::to_string(count.declined) + "/" +
              std::to_string(count.processed) + " ";
    }
  }
  return text;
}

TEST(Queue, SummaryIsAFunnel) {
  Queue queue;
  queue.add(1, "*", WallTime(1h));
  queue.unused(
      offer_from("a"), {Reject::insufficient_cpus, Reject::insufficient_memory}, WallTime(2h));
  queue.unused(offer_from("a"), {Reject::insufficient_memory}, WallTime(3h));
  queue.unused(offer_from("b"), {Reject::unfulfilled_role}, WallTime(4h));
  const QueueView view = queue.view();
  EXPECT_EQ(view.count, 1);
  EXPECT_EQ(view.processed_offers, 3u);
  EXPECT_EQ(view.unused_offers, 3u);
  EXPECT_EQ(funnel(view.launch_attempt),
            "UnfulfilledRole:1/3 InsufficientCpus:1/2 InsufficientMemory:1/1 ");
  // Only the last offer of each agent.
  EXPECT_EQ(funnel(view.last_offers), "UnfulfilledRole:1/2 InsufficientMemory:1/1 ");
  EXPECT_EQ(view.last_offers.size(), kRejectCount);
  EXPECT_EQ(view.last_unused_offers.size(), 2u);
}

TEST(Queue, BeginsAnewWhenNothingWaited) {
  Queue queue;
  queue.add(1, "*", WallTime(1h));
  queue.unused(offer_from("a"), {Reject::insufficient_cpus}, WallTime(2h));
  queue.remove(1, "*");
  EXPECT_TRUE(queue.empty());
  queue.add(2, "*", WallTime(5h));
  EXPECT_EQ(queue.view().processed_offers, 0u);
  EXPECT_EQ(queue.view().since, WallTime(5h));
}

TEST(Queue, CountsWhatWaitsByRole) {
  Queue queue;
  queue.add(1, "*", WallTime(1h));
  queue.add(2, "dev", WallTime(1h));
  queue.add(3, "dev", WallTime(1h));
  queue.remove(1, "*");
  EXPECT_EQ(queue.view().roles, (std::map<std::string, std::int32_t>{{"dev", 2}}));
}

TEST(Queue, RemembersABoundedNumberOfOffers) {
  Queue queue;
  queue.add(1, "*", WallTime(1h));
  for (int i = 0; i < 100; ++i) {
    queue.unused(offer_from(std::to_string(i)), {Reject::insufficient_cpus}, WallTime(1h + 1s * i));
  }
  EXPECT_EQ(queue.view().last_unused_offers.size(), kUnusedOffersMax);
}

}  // namespace

}  // namespace ekiden::marathon::launch
