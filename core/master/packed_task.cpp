#include "core/master/packed_task.h"

#include "core/protobuf/protobuf.h"

#include <utility>

namespace ekiden::master {
namespace {

// Only what to_protobuf wrote in this process comes here, and readers hold it to be valid.
template <class T>
T decode(const std::string& bytes) {
  return protobuf::from_protobuf<T>(bytes).value_or(T{});
}

EncodedPart part(const model::TaskInfo& info) {
  return std::make_shared<const std::string>(protobuf::to_protobuf(info));
}

}  // namespace

void CommonParts::share(EncodedPart& part) {
  if (part == nullptr) {
    return;
  }
  const std::size_t hash = std::hash<std::string>{}(*part);
  const auto [begin, end] = parts_.equal_range(hash);
  for (auto entry = begin; entry != end; ++entry) {
    if (auto known = entry->second.lock(); known != nullptr && *known == *part) {
      part = std::move(known);
      return;
    }
  }
  parts_.emplace(hash, part);
  if (parts_.size() > sweep_at_) {
    std::erase_if(parts_, [](const auto& entry) { return entry.second.expired(); });
    sweep_at_ = parts_.size() * 2 + 1024;
  }
}

PackedTaskInfo::PackedTaskInfo(const model::TaskInfo& info)
    : task_id(info.task_id), agent_id(info.agent_id) {
  model::TaskInfo place;
  place.resources = info.resources;
  place.discovery = info.discovery;
  place_ = part(place);
  model::TaskInfo common = info;
  common.task_id = {};
  common.agent_id = {};
  common.resources.clear();
  common.discovery.reset();
  if (common.command && common.command->environment) {
    environment_ = protobuf::to_protobuf(*common.command->environment);
    common.command->environment.emplace();  // that there is one stays known
  }
  common_ = part(common);
}

void PackedTaskInfo::share(CommonParts& parts) {
  parts.share(common_);
  parts.share(place_);
}

void PackedTaskInfo::add_place(model::TaskInfo& info) const {
  if (place_ != nullptr) {
    auto place = decode<model::TaskInfo>(*place_);
    info.resources = std::move(place.resources);
    info.discovery = std::move(place.discovery);
  }
}

void PackedTaskInfo::add_own(model::TaskInfo& info) const {
  info.task_id = task_id;
  info.agent_id = agent_id;
  if (!environment_.empty()) {
    info.command->environment = decode<model::Environment>(environment_);
  }
}

model::TaskInfo PackedTaskInfo::unpack() const {
  auto info = common_ == nullptr ? model::TaskInfo{} : decode<model::TaskInfo>(*common_);
  add_place(info);
  add_own(info);
  return info;
}

std::vector<model::Resource> PackedTaskInfo::resources() const {
  model::TaskInfo info;
  add_place(info);
  return std::move(info.resources);
}

const model::TaskInfo& TaskInfoReader::read(const PackedTaskInfo& packed) {
  if (common_ == nullptr || common_ != packed.common_) {
    info_ = packed.unpack();
    common_ = packed.common_;
    place_ = packed.place_;
    return info_;
  }
  if (place_ != packed.place_) {
    packed.add_place(info_);
    place_ = packed.place_;
  }
  packed.add_own(info_);
  return info_;
}

void PackedStatuses::add(const model::TaskStatus& status) {
  model::TaskStatus kept = status;
  kept.task_id = {};
  kept.agent_id.reset();
  kept.data.reset();
  std::string bytes = protobuf::to_protobuf(kept);
  if (!encoded_.empty() && latest_ == status.state) {
    encoded_.back() = std::move(bytes);
  } else {
    encoded_.push_back(std::move(bytes));
  }
  if (encoded_.size() > kMax) {
    encoded_.erase(encoded_.begin());
  }
  latest_ = status.state;
}

std::vector<model::TaskStatus> PackedStatuses::unpack(const PackedTaskInfo& task) const {
  std::vector<model::TaskStatus> all;
  all.reserve(encoded_.size());
  for (const std::string& bytes : encoded_) {
    auto& status = all.emplace_back(decode<model::TaskStatus>(bytes));
    status.task_id = task.task_id;
    status.agent_id = task.agent_id;
  }
  return all;
}

model::TaskStatus PackedStatuses::latest(const PackedTaskInfo& task) const {
  auto status = decode<model::TaskStatus>(encoded_.back());
  status.task_id = task.task_id;
  status.agent_id = task.agent_id;
  return status;
}

}  // namespace ekiden::master
