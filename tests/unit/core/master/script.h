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
// Resources as for --resources; "cpus(web!):1" is a dynamic reservation, "disk(web!):64#v1" a
// volume.
//
//   agent C register HOST RESOURCES [id=S] [ip=I] [total=RESOURCES] [task=F/T:STATE]...
//                    [executor=F/E:RESOURCES]... [known=A1:STATE]... [version=V] [draining]
//                    [attempt=N]
//   agent C operation A1 STATE [uuid=U]      (A1, A2... are the operations in the order sent)
//   agent C update F T STATE [uuid=U] [latest=STATE]     agent C exited F E
//   agent C pong | unregister | close
//   fw C subscribe NAME [id=F] [roles=a,b] [pa] [refine] [shared] [failover=SECONDS] [suppress=a]
//                    [user=U] [principal=P] [nocheckpoint] [hosts=a,b]     fw C update NAME ...
//   fw C operate O[,O] OPERATION... [refuse=S]; an OPERATION is [ID@]KIND=...:
//        reserve=R unreserve=R create=R destroy=R grow=VOLUME+DISK shrink=VOLUME-MB
//        launch=T/R launch_executor=T/R/E/R group=E/R/T/R[/T/R...]
//   fw C ack_operation ID S U    fw C reconcile_operations [ID[@S]]...
//   fw C accept_inverse O        fw C decline_inverse O [refuse=S]
//   fw C accept O[,O] [T RESOURCES]... [refuse=S]        fw C decline O[,O] [refuse=S]
//   fw C kill T [S]     fw C ack S T U     fw C reconcile [T[@S]]...
//   fw C revive [ROLE...]   fw C suppress [ROLE...]   fw C teardown | close
//   op reserve|unreserve|create|destroy S R   op quota ROLE [cpus=N] [limit.cpus=N] [force]
//   op set_quota ROLE R [force]    op remove_quota ROLE    op weight ROLE N    op teardown F
//   op schedule [HOST[,HOST]]...   op down HOST...   op up HOST...
//   op gone|drain|deactivate|reactivate S [mark_gone]
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
  void more_of_framework(ConnectionId connection,
                         const Words& words,
                         const std::optional<model::Filters>& filters);
  void tick(Duration duration);
  void show();
  void line(const std::string& text);
  std::string full(std::string id) const;  // "M-..." -> the real id
  std::optional<FrameworkId> framework_id(ConnectionId connection) const;

  // script_operations.cpp
  std::string name_operation(const api::agent_link::ApplyOperation& message);
  void read_register(api::agent_link::Register& body, const Words& words);
  void show_more(const AgentView& agent);
  void show_cluster(const Snapshot& snapshot);

  MasterConfig config_;
  std::unique_ptr<Master> master_;
  std::map<std::pair<std::string, std::string>, std::string> disk_;
  std::map<ConnectionId, std::string> framework_ids_;
  std::map<ConnectionId, std::string> agent_ids_;
  std::map<std::string, AgentId> offer_agents_;
  Now now_{Time(std::chrono::hours(1)), WallTime(std::chrono::hours(500'000))};
  std::map<std::string, std::string> operation_uuids_;  // "A1": 16 bytes
  std::map<std::string, std::pair<std::optional<FrameworkId>, std::optional<OperationId>>>
      operation_owners_;
  std::map<std::string, model::Operation> operation_infos_;
  std::string out_;
  std::uint64_t starts_ = 0;
  std::uint64_t attempts_ = 0;  // to register, of all agents
};

// ---- script_operations.cpp
std::vector<std::string> words_of(const std::string& text, char separator);
std::optional<std::string> option(const std::vector<std::string>& words, const std::string& name);
bool has(const std::vector<std::string>& words, const std::string& flag);
std::vector<model::Resource> resources_of(const std::string& text);
std::string resources_text(const std::vector<model::Resource>& list);
std::string text_of_operation(const api::agent_link::ApplyOperation& message);
model::TaskInfo task_info(const std::string& id,
                          const std::string& resources,
                          const AgentId& agent);
model::Operation operation_of(const std::string& text,
                              const AgentId& agent,
                              const std::optional<FrameworkId>& framework);
model::OperationStatus operation_status(const std::string& state,
                                        const std::optional<std::string>& uuid);
OperatorCommand command_of(const std::vector<std::string>& words);

}  // namespace ekiden::master
