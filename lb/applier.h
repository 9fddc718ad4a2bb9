#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "lb/haproxy.h"
#include "lb/options.h"
#include "lb/render.h"
#include "lb/resolver.h"
#include "lb/running.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ekiden::lb {

// Ports in use, all chosen.
struct Ports {
  std::uint16_t http = 0;
  std::uint16_t https = 0;
  std::uint16_t appid = 0;
  std::uint16_t stats = 0;
  std::uint16_t admin = 0;
};

// What one run did; for metrics and the API.
struct Outcome {
  std::string error;  // empty: HAProxy is as wanted
  int reloads = 0;
  int starts = 0;
  int runtime_changes = 0;
  int validations = 0;
  std::size_t services = 0;
  std::size_t servers = 0;
  std::vector<Rejected> rejected;
  std::string reload_because;
  bool unfinished =
      false;  // something is left to do later (a server with connections, an empty backend)
};

struct DrainState {
  bool known = false;  // the task had a server here
  std::int64_t sessions = 0;
};

// Makes HAProxy follow Marathon's apps. Blocking: all of it on the worker thread, one call at a
// time.
class Applier {
 public:
  Applier(const Clock& clock, Options options, Ports ports);

  // Takes over a running HAProxy or starts one from the last good file. Any failure but a missing
  // program is an error text; later runs try again.
  Outcome begin();
  // Nothing on disk and no Marathon: HAProxy with its frontends only, so that it can be seen.
  Outcome begin_without_apps();
  // An answer of GET /v2/apps?embed=apps.tasks.
  Outcome apply(const std::string& apps_json);
  // Again with the apps of last time: an unfinished run, a changed set of leaving tasks.
  Outcome again();
  // HAProxy is started again when it has died.
  std::optional<Outcome> supervise();
  // The task leaves rotation with the next run and stays out until Marathon forgets it.
  void take_out(const std::string& task_id);
  DrainState drain_state(const std::string& task_id);
  void stop_haproxy();

  Haproxy& haproxy() { return haproxy_; }

  std::string file(const std::string& name) const { return options_.work_dir + "/" + name; }

 private:
  struct LeftOut {
    std::string definition;  // of the app when it was found bad; another one gets another chance
    std::string reason;
    Time until = kNever;
  };

  using Address = std::pair<std::string, std::string>;  // backend, server

  Rendered render_now();
  std::set<std::string> kept_empty() const;
  bool note_empty(const Rendered& rendered);
  void forget_done();
  void remember_servers(const Rendered& rendered);
  void run(Outcome& outcome);
  bool run_steps(const Plan& plan, Outcome& outcome);
  bool run_step(const RuntimeStep& step, Outcome& outcome);
  void reload(Rendered rendered, Outcome& outcome);
  Result<Rendered> validated(Rendered rendered, Outcome& outcome);
  bool leave_out(const std::vector<Rejected>& bad, Time until);
  std::vector<Rejected> ports_in_use(const Rendered& rendered) const;
  std::vector<Rejected> search_culprits(Outcome& outcome);
  Result<void> check(const Rendered& rendered, Outcome& outcome);
  Result<void> load(const Rendered& rendered, Outcome& outcome);
  void save_server_state();
  RenderOptions render_options() const;

  const Clock& clock_;
  Options options_;
  Ports ports_;
  Haproxy haproxy_;
  Templates templates_;
  Resolver resolver_;
  HealthMemory memory_;
  json::Array apps_;
  bool have_apps_ = false;
  std::optional<Running> running_;
  std::set<std::pair<std::string, int>> bound_;  // service ports of the running HAProxy
  std::string written_;                          // the file on disk
  std::map<std::string, LeftOut> left_out_;
  std::map<std::string, Time> empty_since_;
  std::map<std::string, Time> tasks_out_;  // until when at the latest
  std::multimap<std::string, Address> servers_of_task_;
};

}  // namespace ekiden::lb
