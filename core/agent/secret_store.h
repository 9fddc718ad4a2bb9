#pragma once

#include "core/api/executor.h"
#include "core/base/result.h"

#include <string>

namespace ekiden::agent {

// Secrets as files of one folder: the name in a reference is the file's path below it. What is not
// for the agent alone (owner, no rights for anybody else) is refused. Values go to the executor of
// the task and nowhere else: not into records, answers or the log.
class SecretStore {
 public:
  static constexpr std::size_t kSizeMax = 1024 * 1024;  // of one secret

  explicit SecretStore(std::string folder) : folder_(std::move(folder)) {}  // empty: no store

  Result<std::string> find(const std::string& name) const;
  // Puts values in the place of the references in the tasks of an event that starts some. One that
  // is not found stays a reference, which the executor reports; the log says why.
  void reveal(api::executor::Event& event) const;
  // Variables of a custom executor become plain ones; one that is not found is left out.
  void reveal(model::ExecutorInfo& executor) const;

 private:
  void reveal(model::TaskInfo& task) const;
  void reveal(model::Secret& secret, const TaskId& task) const;

  std::string folder_;
};

}  // namespace ekiden::agent
