#include "cli/commands.h"

#include "cli/daemons.h"
#include "cli/mini.h"
#include "cli/simulate.h"
#include "cli/version.h"
#include "dns/config.h"
#include "dns/options_cli.h"
#include "lb/options_cli.h"

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

namespace ekiden::cli {
namespace {

constexpr std::size_t kFooterWidth = 100;
constexpr int kBadMarathonFlag = 112;  // [marathon-api 6]

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
  mini->add_option("--secret-store-dir",
                   options.secret_store_dir,
                   "Folder of secrets that apps and pods may use, one file each");
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

// ---- commands of one daemon

// How the original program of a command spells things.
struct Style {
  std::string environment;  // prefix of variables; empty: none
  std::string negation;     // "--no-name", "--disable_name"
  enum class Twice { command_line_wins, refused } given_twice = Twice::command_line_wins;
};

const Style kMesos{"MESOS_", "no-"};
const Style kMarathon{"MARATHON_", "disable_", Style::Twice::refused};
const Style kPlain{"", "no-"};

void set(const Flag& flag, const std::string& text, const std::string& where) {
  if (flag.effect == Flag::Effect::none) {
    std::fprintf(stderr, "%s has no effect here\n", where.c_str());
  }
  if (auto done = flag.set(text); !done) {
    throw CLI::ValidationError(where, done.error().message);
  }
}

CLI::Option* add_flag(CLI::App& command, const Flag& flag, const Style& style) {
  const std::string name = "--" + flag.name;
  CLI::Option* option = nullptr;
  if (flag.kind == Flag::Kind::toggle) {
    const auto names = fmt::format("{},!--{}{}", name, style.negation, flag.name);
    option = command.add_flag_function(
        names,
        [flag, name](std::int64_t count) { set(flag, count > 0 ? "true" : "false", name); },
        flag.help);
  } else {
    const auto names = flag.letter == 0 ? name : fmt::format("-{},{}", flag.letter, name);
    option = command.add_option_function<std::string>(
        names, [flag, name](const std::string& text) { set(flag, text, name); }, flag.help);
    option->default_str(flag.fallback);
  }
  if (flag.effect == Flag::Effect::none) {
    option->group("");  // in the footer
  }
  return option;
}

std::string upper(std::string text) {
  for (char& c : text) {
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return text;
}

// What the command line did not say may be in the environment.
void read_environment(const Flag& flag, const CLI::Option& option, const Style& style) {
  const auto variable = style.environment + upper(flag.name);
  const auto negation = style.environment + upper(style.negation + flag.name);
  const char* text = std::getenv(variable.c_str());
  const bool negated = flag.kind == Flag::Kind::toggle && std::getenv(negation.c_str()) != nullptr;
  if (text == nullptr && !negated) {
    return;
  }
  if (option.count() > 0) {
    if (style.given_twice == Style::Twice::refused) {
      throw CLI::ValidationError("--" + flag.name, "is also given as " + variable);
    }
    return;
  }
  if (flag.kind == Flag::Kind::value) {
    set(flag, text, variable);
  } else {
    set(flag, negated || std::string_view(text) == "false" ? "false" : "true", variable);
  }
}

std::string footer(const Flags& flags) {
  std::string text;
  std::string line = "Known and without effect here:";
  bool any = false;
  for (const Flag& flag : flags) {
    if (flag.effect == Flag::Effect::some) {
      continue;
    }
    any = true;
    if (line.size() + flag.name.size() + 2 > kFooterWidth) {
      text += line + "\n";
      line = " ";
    }
    line += " " + flag.name;
  }
  return any ? text + line : "";
}

// The flags of a daemon and those that every process has.
CLI::App* add_daemon(CLI::App& app,
                     ProcessOptions& process,
                     const std::string& what,
                     const Flags& flags,
                     const Style& style) {
  auto* command = app.add_subcommand(process.name, what);
  std::vector<CLI::Option*> options;
  for (const Flag& flag : flags) {
    options.push_back(add_flag(*command, flag, style));
  }
  command->add_option(
      "--ready-file", process.ready_file, "Write the address as JSON to this file once it answers");
  command->add_flag_callback(
      "--verbose", [&process] { process.verbose = true; }, "Log more");
  command->footer(footer(flags));
  command->final_callback([flags, options, style] {
    for (std::size_t i = 0; !style.environment.empty() && i < flags.size(); ++i) {
      read_environment(flags[i], *options[i], style);
    }
  });
  return command;
}

Flags flags_of(MasterCommand& command) {
  Flags all = {flag("work_dir", command.work_dir, "Folder of its state")};
  append(all, master::flags(command.options));
  return all;
}

Flags flags_of(AgentCommand& command) {
  Flags all = {flag("master", command.masters, "The masters, comma separated: http://host:5050")};
  append(all, agent::flags(command.options));
  return all;
}

Flags flags_of(MarathonCommand& command) {
  Flags all = {
      flag("master", command.masters, "The Mesos masters, comma separated: http://host:5050"),
      flag("work_dir", command.work_dir, "Folder of its state"),
      flag("mesos_credentials", command.credentials, "principal:secret for the masters")};
  append(all, marathon::flags(command.options));
  return all;
}

// The file first: flags say more than it.
Flags flags_of(DnsCommand& command) {
  Flag file{"config",
            "Configuration file, in Mesos-DNS's form",
            "",
            [&command](const std::string& path) -> Result<void> {
              std::ifstream in(path);
              std::ostringstream text;
              text << in.rdbuf();
              if (!in) {
                return fail(ErrorCode::not_found, "cannot read " + path);
              }
              auto options = dns::parse_config(text.str());
              if (!options) {
                std::string all = options.error().message;
                for (const Problem& problem : options.error().problems) {
                  all += fmt::format("\n  {}: {}", problem.path, problem.reason);
                }
                return fail(options.error().code, all);
              }
              command.options = std::move(*options);
              return {};
            }};
  Flags all = {std::move(file)};
  append(all, dns::flags(command.options));
  return all;
}

Flags flags_of(LbCommand& command) {
  return lb::flags(command.options);
}

// Every command with what it was told; lives as long as parsing does.
struct Commands {
  MiniOptions mini;
  MasterCommand master;
  AgentCommand agent;
  MarathonCommand marathon;
  DnsCommand dns;
  LbCommand lb;
  SimulateCommand simulate;
};

struct Known {
  CLI::App* command;
  std::function<int()> run;
};

std::vector<Known> add_commands(CLI::App& app, Commands& c) {
  std::vector<Known> all;
  all.push_back({add_mini(app, c.mini),
                 [&c] { return c.mini.destroy ? destroy_mini(c.mini) : run_mini(c.mini); }});
  all.push_back({add_daemon(app, c.master.process, "Run a master", flags_of(c.master), kMesos),
                 [&c] { return run_master(c.master); }});
  all.push_back({add_daemon(app,
                            c.agent.process,
                            "Run the agent of this host, which runs tasks",
                            flags_of(c.agent),
                            kMesos),
                 [&c] { return run_agent(c.agent); }});
  all.push_back({add_daemon(app,
                            c.marathon.process,
                            "Run Marathon on a Mesos master",
                            flags_of(c.marathon),
                            kMarathon),
                 [&c] { return run_marathon(c.marathon); }});
  all.push_back(
      {add_daemon(
           app, c.dns.process, "Run the DNS server of a cluster's tasks", flags_of(c.dns), kPlain),
       [&c] { return run_dns(c.dns); }});
  all.push_back(
      {add_daemon(
           app, c.lb.process, "Keep an HAProxy as Marathon's apps want it", flags_of(c.lb), kPlain),
       [&c] { return run_lb(c.lb); }});
  all.push_back({add_daemon(app,
                            c.simulate.process,
                            "Measure a master with many agents that run no processes",
                            simulate_flags(c.simulate),
                            kPlain),
                 [&c] { return run_simulate(c.simulate); }});
  all.push_back({app.add_subcommand("version", "Print the version"), [] {
                   std::puts(kVersionText);
                   return 0;
                 }});
  return all;
}

}  // namespace

int run(int argc, const char* const* argv) {
  CLI::App app("Ekiden runs long-running services on a cluster, as Marathon on Mesos did.");
  app.name("ekiden");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string(kVersionText));
  Commands commands;
  const auto known = add_commands(app, commands);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool is_marathon = argc > 1 && std::string_view(argv[1]) == "marathon";
    return app.exit(error) == 0 ? 0 : (is_marathon ? kBadMarathonFlag : 1);
  }
  for (const Known& one : known) {
    if (one.command->parsed()) {
      return one.run();
    }
  }
  return 1;
}

}  // namespace ekiden::cli
