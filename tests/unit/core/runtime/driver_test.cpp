#include "core/runtime/driver.h"

#include "core/store/memory_store.h"

#include <thread>

#include <gtest/gtest.h>

namespace ekiden::runtime {
namespace {

struct Effects {
  Batch persist;
  std::vector<std::string> send;
};

// Persists and repeats each input; on a tick it says so and wants no other.
class Echo {
 public:
  using Input = std::string;
  using Effects = runtime::Effects;

  Effects step(const Input& input, Now) {
    deadline = kNever;
    return {{{"input", input, "1"}}, {"got " + input}};
  }

  Effects tick(Now now) {
    if (now.time < deadline) {
      return {};
    }
    deadline = kNever;
    return {{}, {"tick"}};
  }

  Time next_deadline() const { return deadline; }

  Time deadline = kNever;
};

class DriverTest : public testing::Test {
 protected:
  net::Loop loop_;
  SystemClock clock_;
  store::MemoryStore store_;
  Echo machine_;
  CommitQueue commits_{loop_, store_, [](const Error&) { FAIL(); }};
  std::vector<std::string> sent_;
  std::size_t commits_when_sent_ = 0;
  Driver<Echo> driver_{loop_, clock_, machine_, commits_, [this](Effects effects) {
                         EXPECT_TRUE(effects.persist.empty());
                         for (const std::string& text : effects.send) {
                           sent_.push_back(text);
                           commits_when_sent_ = store_.commits();
                           if (text == "tick") {
                             loop_.stop();
                           }
                         }
                       }};
};

TEST_F(DriverTest, PersistsBeforeItDispatches) {
  driver_.handle("a");
  EXPECT_EQ(sent_, std::vector<std::string>{"got a"});
  EXPECT_EQ(commits_when_sent_, 1u);
}

TEST_F(DriverTest, HandlesPostedInputsInOrderOnTheLoop) {
  std::thread other([this] {
    driver_.post("a");
    driver_.post("b");
    loop_.post([this] { loop_.stop(); });
  });
  loop_.run();
  other.join();
  EXPECT_EQ(sent_, (std::vector<std::string>{"got a", "got b"}));
}

TEST_F(DriverTest, TicksTheMachineAtItsDeadline) {
  machine_.deadline = clock_.now().time + std::chrono::milliseconds(5);
  driver_.start();
  loop_.run();
  EXPECT_EQ(sent_.back(), "tick");
  EXPECT_EQ(machine_.deadline, kNever);
}

}  // namespace
}  // namespace ekiden::runtime
