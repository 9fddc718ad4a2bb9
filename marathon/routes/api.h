#pragma once

#include "core/base/log.h"
#include "core/base/metrics.h"
#include "core/net/loop.h"
#include "core/net/router.h"
#include "marathon/api/render.h"
#include "marathon/commands.h"
#include "marathon/routes/answers.h"
#include "marathon/routes/event_stream.h"
#include "marathon/routes/load_balancers.h"
#include "marathon/settings.h"

#include <functional>
#include <unordered_map>

namespace ekiden::marathon::routes {

struct Identity {  // what /v2/info and the headers say about this process
  std::string version;
  std::string leader;  // "host:port"
  std::uint16_t http_port = 0;
  std::string master_url;
};

// What the shell gives the routes.
struct Host {
  net::Loop& loop;
  std::function<SnapshotPtr()> snapshot;
  std::function<std::optional<Root>(WallTime)> root_at;  // an old root group
  std::function<void(Command)> send;                     // to the machine, in order
  std::function<Now()> now;
  // Runs work that is too large for the loop thread; false when too much waits already.
  std::function<bool(std::function<void()>)> background;
  std::function<void()> lbs_changed;
  std::function<void()> refresh_metrics;  // before they are read
  std::function<void()> abdicate;         // soon: after this answer
  const Registry* metrics = nullptr;
  Settings settings;
  Identity identity;
  std::string ui_folder;       // empty: no UI
  std::string schemas_folder;  // empty: not served
};

// The HTTP surface of Marathon. Decides nothing: reads are rendered from the snapshot, changes are
// posted as commands and answered when the machine replies. Loop thread only.
class Api {
 public:
  explicit Api(Host host);

  net::Handler handler();           // everything, with the headers of 1.6
  void answer(const Reply& reply);  // to the request that waits for it
  void publish(const std::vector<Notice>& notices);

  EventStream& events() { return events_; }

  LoadBalancers& load_balancers() { return lbs_; }

  const Identity& identity() const { return host_.identity; }

  void set_identity(Identity identity) { host_.identity = std::move(identity); }

  // ---- for the route files
  using OnReply = std::function<net::Response(const Reply&)>;
  using Render = std::function<net::Response(const wire::View&)>;

  const Host& host() const { return host_; }

  SnapshotPtr snapshot() const { return host_.snapshot(); }

  // Posts the change; `on_applied` makes the answer of an accepted one.
  using OnApplied = std::function<net::Response(const Applied&)>;
  void change(const net::Request& request,
              net::Responder respond,
              Change change,
              OnApplied on_applied);
  // Posts any command; `on_reply` makes the whole answer.
  void command(Command command, net::Responder respond, OnReply on_reply);
  // Renders from the current snapshot; away from the loop when it is about many objects.
  void render(std::size_t objects, net::Responder respond, Render write);
  // For so many seconds, then it is what it was before; 0: for good.
  void set_log_level(log::Level level, std::int64_t seconds);
  void publish_api_post(const net::Request& request, const App& app);

 private:
  struct Pending {
    net::Responder respond;
    OnReply on_reply;
  };

  net::Response add_headers(net::Response response) const;

  Host host_;
  wire::TextCaches caches_;
  EventStream events_;
  LoadBalancers lbs_;
  std::optional<log::Level> level_before_;  // while a raised one lasts
  net::Timer level_back_;
  RequestId last_request_ = 0;
  std::unordered_map<RequestId, Pending> pending_;
};

inline constexpr std::int64_t kLogLevelSecondsMax = 24 * 3600;
inline constexpr std::size_t kRenderOnLoopMax = 100;  // objects; more go to the background

// ---- the tables, one file each
std::vector<net::Route> app_routes(Api& api);
std::vector<net::Route> task_routes(Api& api);
std::vector<net::Route> pod_routes(Api& api);
std::vector<net::Route> group_routes(Api& api);
std::vector<net::Route> deployment_routes(Api& api);
std::vector<net::Route> queue_routes(Api& api);
std::vector<net::Route> why_routes(Api& api);
std::vector<net::Route> plan_routes(Api& api);
std::vector<net::Route> info_routes(Api& api);
std::vector<net::Route> system_routes(Api& api);

// A route whose body must be JSON, if it has one [1.3].
net::Handler json_only(net::Handler handler);

}  // namespace ekiden::marathon::routes
