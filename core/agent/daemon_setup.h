#pragma once

#include "core/agent/agent.h"
#include "core/agent/fetcher.h"
#include "core/agent/options.h"
#include "core/base/result.h"
#include "core/store/store.h"
#include "core/wire/authentication.h"

#include <map>
#include <memory>
#include <string>

// What a daemon looks at and makes before it begins. Blocking; errors say what to do.
namespace ekiden::agent {

Result<void> make_work_dir(std::string& path);          // becomes absolute
Result<void> find_executor_program(std::string& path);  // becomes absolute
// Whole or not at all: executors read it at any moment.
Result<void> write_endpoint(const std::string& path, const std::string& endpoint);
Result<StoredRecords> load_records(store::Store& store);
Result<AgentConfig> make_config(const Options& options);
FetcherOptions fetcher_options(const Options& options);
// Nothing when nobody has to say who they are.
Result<std::shared_ptr<const wire::Credentials>> load_credentials(const Options& options);
Result<std::map<std::string, std::string>> executor_environment(const Options& options);
// Compares with what this work directory was last used with, by --reconfiguration_policy, and
// writes down what it is used with now [mesos-core 6.10].
Result<void> check_reconfiguration(const Options& options, const model::AgentInfo& now);

// The same without files. What is not allowed, or nothing.
std::optional<std::string> reconfiguration_problem(Options::Reconfiguration policy,
                                                   const model::AgentInfo& before,
                                                   const model::AgentInfo& now);

}  // namespace ekiden::agent
