#pragma once

#include "core/model/status.h"
#include "core/model/task.h"

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

// Tasks as the master keeps them. A TaskInfo takes some 6 KB as a value; encoded, and with what the
// tasks of one app have in common kept once, a few hundred bytes.
namespace ekiden::master {

using EncodedPart = std::shared_ptr<const std::string>;

// Equal parts become one. A part goes when nobody has it any more.
class CommonParts {
 public:
  void share(EncodedPart& part);

  std::size_t size() const { return parts_.size(); }

 private:
  std::unordered_multimap<std::size_t, std::weak_ptr<const std::string>> parts_;  // by hash
  std::size_t sweep_at_ = 1024;
};

// Becomes a TaskInfo, and comes of one, wherever one is asked for; reading is decoding.
class PackedTaskInfo {
 public:
  PackedTaskInfo() = default;
  PackedTaskInfo(const model::TaskInfo& info);

  operator model::TaskInfo() const { return unpack(); }

  model::TaskInfo unpack() const;
  std::vector<model::Resource> resources() const;
  void share(CommonParts& parts);

  // The same for tasks that have it in common; tells nothing when it differs.
  const void* common() const { return common_.get(); }

  const void* place() const { return place_.get(); }  // resources and discovery

  TaskId task_id;
  AgentId agent_id;

 private:
  friend class TaskInfoReader;
  void add_place(model::TaskInfo& info) const;
  void add_own(model::TaskInfo& info) const;

  EncodedPart common_;       // a TaskInfo without the other parts
  EncodedPart place_;        // a TaskInfo of resources and discovery: alike without ports
  std::string environment_;  // of the command; an app's tasks differ in it
};

// For many in a row: what a task has in common with the one before is not decoded again.
class TaskInfoReader {
 public:
  const model::TaskInfo& read(const PackedTaskInfo& packed);  // until the next call

 private:
  EncodedPart common_;
  EncodedPart place_;
  model::TaskInfo info_;
};

// The statuses of one task: one per state, the latest last, without data.
class PackedStatuses {
 public:
  static constexpr std::size_t kMax = 16;  // the oldest go first

  // Replaces the latest when that is of the same state.
  void add(const model::TaskStatus& status);

  bool empty() const { return encoded_.empty(); }

  std::vector<model::TaskStatus> unpack(const PackedTaskInfo& task) const;
  model::TaskStatus latest(const PackedTaskInfo& task) const;  // not when empty

 private:
  std::vector<std::string> encoded_;  // without the ids of task and agent
  model::TaskState latest_ = model::TaskState::staging;
};

}  // namespace ekiden::master
