#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/model/task.h"
#include "core/net/client.h"
#include "core/net/loop.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ekiden::agent {

struct FetchJob {
  std::string sandbox;
  std::vector<model::FetchUri> uris;
  std::string user;
};

struct FetcherOptions {
  std::string cache_dir;  // emptied at the start: nothing in it is revalidated
  std::uint64_t cache_bytes_max = 2ULL * 1024 * 1024 * 1024;
  Duration stall_timeout = std::chrono::minutes(1);  // without a byte
  std::string frameworks_home;                       // of relative URIs; empty: there are none
};

struct FetcherStats {
  std::uint64_t succeeded = 0;  // containers whose URIs are all there
  std::uint64_t failed = 0;
  std::uint64_t cache_bytes = 0;
  std::uint64_t cache_bytes_max = 0;
};

// Brings a task's URIs into its sandbox before it starts [mesos-core 6.3]. Downloads run on the
// HTTP client, copying and unpacking on a worker. Loop thread only.
class Fetcher {
 public:
  Fetcher(net::Loop& loop, net::Client& client, FetcherOptions options);
  ~Fetcher();  // outstanding jobs never call back
  void fetch(FetchJob job, std::function<void(Result<void>)> done);
  FetcherStats stats() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// The file name a URI gets in the sandbox; refuses what would leave it.
Result<std::string> fetched_name(const model::FetchUri& uri);
bool is_archive(const std::string& name);

// Unpacks into `folder`; no entry leaves it, whether by name, link or symbolic link. Blocking.
Result<void> extract_archive(const std::string& archive, const std::string& folder);

}  // namespace ekiden::agent
