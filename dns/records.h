#pragma once

#include "dns/cluster.h"
#include "dns/names.h"
#include "dns/record_set.h"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ekiden::dns {

enum class IpSource {
  netinfo,  // the container's addresses
  mesos,    // label of the Mesos containerizer
  docker,   // label of the Docker containerizer
  host,     // the agent's addresses
  // Not in Mesos-DNS: host when the task's discovery ports are ports of the host (a bridged
  // container, whose own address nobody else can reach at these ports), otherwise netinfo.
  automatic,
};

enum class HealthPolicy {
  ignore,          // as Mesos-DNS
  leave_unhealthy  // tasks whose newest health result is bad have no records
};

struct RecordOptions {
  std::string domain = "mesos";
  LabelRule labels = LabelRule::rfc1123;
  std::vector<IpSource> ip_sources{IpSource::netinfo, IpSource::mesos, IpSource::host};
  HealthPolicy health = HealthPolicy::leave_unhealthy;
  std::string server_name = "ns1.mesos";  // SOAMname
  std::vector<Address> server_addresses;  // what it resolves to
  std::vector<HostPort> masters;          // in the configured order
};

// Turns cluster state into records [discovery 3.5 to 3.7], changing only the names of what changed.
// Host names of agents, frameworks and masters are looked up by the shell, which tells the answers
// with resolved().
class Zone {
 public:
  explicit Zone(RecordOptions options);

  // Whatever it is; a whole state is compared with the present one and only differences count.
  void apply(Change change);
  void set_leader(const HostPort& leader);
  void resolved(const std::string& host, std::vector<Address> addresses);

  // Every host name in use that is not an address, for the shell to look up.
  std::set<std::string> host_names() const;
  std::shared_ptr<const RecordSet> publish(std::uint32_t serial);

  // The set as it would be published now.
  const RecordSet& records() const { return builder_.current(); }

  const ClusterState& state() const { return state_; }

  // All records a task has now, for listings.
  std::vector<Record> records_of(const Task& task) const;

  // Grows with every change of a record; the same number means nothing to publish.
  std::uint64_t version() const { return version_; }

 private:
  using Records = std::vector<Record>;

  void replace(ClusterState next);
  void put_task(Task task);
  void remove_task(const TaskKey& key);
  void put_agent(Agent agent);
  void remove_agent(const std::string& id);
  void put_framework(Framework framework);
  void remove_framework(const std::string& id);

  // Takes the records of these tasks out, runs `change`, puts them in again.
  template <class Change>
  void around_tasks(const std::vector<TaskKey>& keys, Change&& change);
  std::vector<TaskKey> tasks_on(const std::string& agent_id) const;
  std::vector<TaskKey> tasks_of(const std::string& framework_id) const;

  std::vector<Address> addresses_of(const std::string& host) const;
  std::vector<Address> task_addresses(const Task& task, const std::vector<Address>& agent) const;
  Records agent_records(const Agent& agent) const;
  Records framework_records(const Framework& framework) const;
  Records master_records() const;
  void exchange(Records& held, Records next);
  void add(const Records& records);
  void remove(const Records& records);

  RecordOptions options_;
  ClusterState state_;
  std::map<std::string, std::vector<Address>> hosts_;  // looked up by the shell
  std::map<std::string, std::set<TaskKey>> tasks_by_agent_;
  Records master_records_;
  Records server_records_;
  std::map<std::string, Records> agent_records_;
  std::map<std::string, Records> framework_records_;
  RecordSetBuilder builder_;
  std::uint64_t version_ = 1;
};

}  // namespace ekiden::dns
