#pragma once

#include "core/agent/types.h"
#include "core/base/result.h"
#include "core/runtime/worker.h"

#include <memory>
#include <string>
#include <vector>

namespace ekiden::agent {

// The data of persistent volumes on this host's disks [mesos-core 5.6, 6.9]. Loop thread only.
class VolumeFolders {
 public:
  explicit VolumeFolders(std::string work_dir);
  // Makes the folder, or puts the data aside at once and deletes them in the background: a volume
  // of the same name may be made right afterwards.
  Result<void> apply(const VolumeOrder& order);

 private:
  Result<void> remove(const std::string& path, bool whole_disk);
  void remove_in_background(std::string path);

  std::string work_dir_;
  std::unique_ptr<runtime::Worker> worker_;  // once there is something to delete
  std::uint64_t removed_ = 0;
};

// Makes the volumes appear in a sandbox: as links. Blocking; again is fine.
Result<void> link_volumes(const std::vector<VolumeMount>& volumes, const std::string& sandbox);

// An absolute path of a volume's data.
std::string absolute_path(const std::string& path, const std::string& work_dir);

}  // namespace ekiden::agent
