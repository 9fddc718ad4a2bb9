#pragma once

#include "core/master/master.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ekiden::master {

// A master driven by lines of text, answering in lines of text: what transcripts are made of.
//
//   agent C register HOST RESOURCES [id=S] [task=F/T:STATE]... [executor...]
//   agent C update F T STATE [uuid=U] [latest=STATE]     agent C exited F E
//   agent C pong | unregister | close
//   fw C subscribe NAME [id=F] [roles=a,b] [pa] [failover=SECONDS] [suppress=a]
//   fw C accept O[,O] [T RESOURCES]... [refuse=S]        fw C decline O[,O] [refuse=S]
//   fw C kill T [S]     fw C ack S T U     fw C reconcile [T[@S]]...
//   fw C revive [ROLE...]   fw C suppress [ROLE...]   fw C teardown | close
//   tick SECONDS        time passes; every deadline on the way is served
//   restart             a new master from what was durable; every link is gone
//   show                agents, frameworks and tasks
class Script {
 public:
  explicit Script(MasterConfig config = {});
  // What comes out of one line. The master's own id is written "M".
  std::string run(const std::string& line);

  Master& master() { return *master_; }

 private:
  using Words = std::vector<std::string>;
  void start();
  void step(const Input& input);
  void settle();
  void print(const Effects& fx);
  void agent(ConnectionId connection, const Words& words);
  void framework(ConnectionId connection, const Words& words);
  void tick(Duration duration);
  void show();
  void line(const std::string& text);
  std::string full(std::string id) const;  // "M-..." -> the real id
  std::optional<FrameworkId> framework_id(ConnectionId connection) const;

  MasterConfig config_;
  std::unique_ptr<Master> master_;
  std::map<std::pair<std::string, std::string>, std::string> disk_;
  std::map<ConnectionId, std::string> framework_ids_;
  std::map<ConnectionId, std::string> agent_ids_;
  std::map<std::string, AgentId> offer_agents_;
  Now now_{Time(std::chrono::hours(1)), WallTime(std::chrono::hours(500'000))};
  std::string out_;
  std::uint64_t starts_ = 0;
};

}  // namespace ekiden::master
