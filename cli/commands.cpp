#include "cli/commands.h"

#include "cli/mini.h"
#include "cli/version.h"

#include <string>

#include <CLI/CLI.hpp>

namespace ekiden::cli {
namespace {

void add_port(CLI::App& command,
              const std::string& flag,
              std::uint16_t& port,
              const std::string& what) {
  command.add_option(flag, port, what + " (0: any free port)")->capture_default_str();
}

CLI::App* add_mini(CLI::App& app, MiniOptions& options) {
  auto* mini = app.add_subcommand("mini", "Run a whole cluster in one process");
  mini->footer("Example: ekiden mini --data-dir ./ekiden-data --agents 3");
  mini->add_option("--data-dir", options.data_dir, "Folder of all state")->capture_default_str();
  mini->add_option("--agents", options.agents, "How many agents, on 127.0.0.1, 127.0.0.2, ...")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  mini->add_option("--agent-resources",
                   options.agent_resources,
                   "Resources of each agent, e.g. 'cpus:4;mem:8192;ports:[31000-32000]'");
  mini->add_option("--mesos-role", options.mesos_role, "Role the framework registers with")
      ->capture_default_str();
  mini->add_option("--docker-socket", options.docker_socket, "Socket of the Docker engine")
      ->capture_default_str();
  add_port(*mini, "--marathon-port", options.marathon_port, "Port of the API and the page");
  add_port(*mini, "--master-port", options.master_port, "Port of the master");
  add_port(*mini, "--agent-port", options.agent_port, "Port of each agent");
  add_port(*mini, "--dns-port", options.dns_port, "Port of the DNS server");
  add_port(*mini, "--dns-http-port", options.dns_http_port, "Port of the DNS server's HTTP API");
  add_port(*mini, "--lb-http-port", options.lb_http_port, "Port of HAProxy's virtual hosts");
  add_port(*mini, "--lb-admin-port", options.lb_admin_port, "Port of HAProxy's statistics");
  mini->add_flag_callback(
      "--no-lb", [&options] { options.with_lb = false; }, "No load balancer");
  mini->add_flag_callback(
      "--no-dns", [&options] { options.with_dns = false; }, "No DNS server");
  mini->add_option("--ready-file",
                   options.ready_file,
                   "Write all addresses as JSON to this file once everything answers");
  mini->add_flag_callback(
      "--destroy",
      [&options] { options.destroy = true; },
      "End the tasks that a stopped cluster left running, and forget the cluster");
  mini->add_flag_callback(
      "--verbose", [&options] { options.verbose = true; }, "Log more");
  return mini;
}

}  // namespace

int run(int argc, const char* const* argv) {
  CLI::App app("Ekiden runs long-running services on a cluster, as Marathon on Mesos did.");
  app.name("ekiden");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string(kVersionText));
  MiniOptions mini_options;
  auto* mini = add_mini(app, mini_options);
  auto* version = app.add_subcommand("version", "Print the version");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  if (version->parsed()) {
    std::puts(kVersionText);
    return 0;
  }
  if (mini->parsed()) {
    return mini_options.destroy ? destroy_mini(mini_options) : run_mini(mini_options);
  }
  return 1;
}

}  // namespace ekiden::cli
