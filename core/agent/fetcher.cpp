#include "core/agent/fetcher.h"

#include "core/agent/spawn.h"
#include "core/base/strings.h"
#include "core/runtime/worker.h"

#include <filesystem>
#include <map>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ekiden::agent {
namespace {

namespace fs = std::filesystem;

constexpr int kRedirectsMax = 10;
constexpr auto kDownloadMax = std::chrono::hours(24);  // what stands still ends much earlier
constexpr std::size_t kDownloadBytesMax = 64ULL * 1024 * 1024 * 1024;
constexpr std::string_view kCachePrefix = "ekiden-fetched-";
constexpr int kHttpOk = 200;
constexpr int kFtpOk = 226;

bool is_ftp(const std::string& uri) {
  return uri.starts_with("ftp://") || uri.starts_with("ftps://");
}

bool is_remote(const std::string& uri) {
  return uri.starts_with("http://") || uri.starts_with("https://") || is_ftp(uri);
}

std::string local_path(const std::string& uri) {
  return uri.rfind("file://", 0) == 0 ? uri.substr(7) : uri;
}

tl::unexpected<Error> cannot(const std::string& uri, const std::string& why) {
  return fail(ErrorCode::unavailable, fmt::format("Failed to fetch '{}': {}", uri, why));
}

Result<void> copy_file(const std::string& uri, const std::string& from, const std::string& to) {
  std::error_code error;
  fs::create_directories(fs::path(to).parent_path(), error);
  if (!fs::is_regular_file(from, error)) {
    return cannot(uri, fmt::format("no such file {}", from));
  }
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (error) {
    return cannot(uri, error.message());
  }
  return {};
}

// After the bytes are in the sandbox: unpack, make executable.
Result<void> finish(const model::FetchUri& uri, const FetchJob& job, const std::string& file) {
  if (uri.executable) {
    ::chmod(file.c_str(), 0755);
    return {};
  }
  if (!uri.extract || !is_archive(file)) {
    return {};
  }
  const Result<void> done = extract_archive(file, job.sandbox);
  if (!done) {
    return cannot(uri.value, done.error().message);
  }
  if (uri.cache) {
    ::unlink(file.c_str());
  }
  return {};
}

Result<void> give_to_user(const FetchJob& job) {
  const auto user = find_user(job.user);
  if (!user || !*user) {
    return {};
  }
  std::error_code error;
  for (fs::recursive_directory_iterator at(job.sandbox, error), end; !error && at != end;
       at.increment(error)) {
    if (::lchown(at->path().c_str(), (*user)->uid, (*user)->gid) != 0) {
      return fail(ErrorCode::internal,
                  fmt::format("cannot give {} to user {}", at->path().string(), job.user));
    }
  }
  return {};
}

}  // namespace

Result<std::string> fetched_name(const model::FetchUri& uri) {
  std::string name;
  if (uri.output_file) {
    name = *uri.output_file;
  } else {
    std::string path = uri.value;
    if (is_remote(path)) {
      path = path.substr(0, path.find_first_of("?#"));
      const std::size_t host = path.find("://") + 3;
      const std::size_t slash = path.find('/', host);
      path = slash == std::string::npos ? "" : percent_decode(path.substr(slash));
    }
    name = fs::path(path).filename().string();
  }
  bool inside = !name.empty() && name.front() != '/' && name.back() != '/' && name != ".";
  for (std::string_view part : split(name, '/')) {
    inside = inside && part != "..";
  }
  if (!inside || name.find('\0') != std::string::npos) {
    return cannot(uri.value, fmt::format("'{}' is no file name inside the sandbox", name));
  }
  return name;
}

struct Fetcher::Impl : std::enable_shared_from_this<Fetcher::Impl> {
  struct Work {
    FetchJob job;
    std::function<void(Result<void>)> done;
    std::size_t next = 0;
  };

  using Shared = std::shared_ptr<Work>;

  struct Cached {
    std::string file;
    std::uintmax_t size = 0;
    std::uint64_t used = 0;
    bool ready = false;
    int readers = 0;  // copies under way: it stays
    std::vector<std::function<void(Result<void>)>> waiting;
  };

  Impl(net::Loop& a_loop, net::Client& a_client, FetcherOptions a_options)
      : loop(a_loop),
        client(a_client),
        options(std::move(a_options)),
        worker(std::make_unique<runtime::Worker>("agent-fetch")) {
    stats.cache_bytes_max = options.cache_bytes_max;
    clear_cache();
  }

  // Only what an earlier life of ours put there: the folder may be anybody's.
  void clear_cache() const {
    std::error_code error;
    for (fs::directory_iterator at(options.cache_dir, error), end; !error && at != end;
         at.increment(error)) {
      if (at->path().filename().string().starts_with(kCachePrefix)) {
        std::error_code ignored;
        fs::remove(at->path(), ignored);
      }
    }
  }

  void run(std::function<Result<void>()> work, std::function<void(Result<void>)> then) {
    const bool queued = worker->post([self = shared_from_this(), work, then] {
      auto result = std::make_shared<Result<void>>(work());
      self->loop.post([self, then, result] {
        if (self->alive) {
          then(*result);
        }
      });
    });
    if (!queued) {
      then(fail(ErrorCode::unavailable, "Failed to fetch: too many fetches at once"));
    }
  }

  void next(const Shared& work) {
    if (work->next == work->job.uris.size()) {
      run([work] { return give_to_user(work->job); }, work->done);
      return;
    }
    const model::FetchUri& uri = work->job.uris[work->next++];
    const Result<std::string> name = fetched_name(uri);
    if (!name) {
      work->done(fail(name.error()));
      return;
    }
    const std::string file = work->job.sandbox + "/" + *name;
    if (uri.cache && is_remote(uri.value)) {
      from_cache(work, uri, file);
    } else if (is_remote(uri.value)) {
      download(uri.value, file, [this, work, uri, file](Result<void> done) {
        finish_one(work, uri, file, std::move(done));
      });
    } else {
      const Result<std::string> from = local_source(uri.value);
      if (from) {
        copy(work, uri, *from, file);
      } else {
        work->done(fail(from.error()));
      }
    }
  }

  Result<std::string> local_source(const std::string& uri) const {
    const std::string path = local_path(uri);
    if (path.starts_with("/")) {
      return path;
    }
    if (uri.find("://") != std::string::npos || uri.starts_with("file:")) {
      return cannot(uri, "only http, https, ftp, ftps, file and paths can be fetched");
    }
    if (options.frameworks_home.empty()) {
      return cannot(uri, "it is a relative path and the agent has no --frameworks_home");
    }
    return options.frameworks_home + "/" + path;
  }

  void copy(const Shared& work,
            const model::FetchUri& uri,
            const std::string& from,
            const std::string& file) {
    run([uri, from, file] { return copy_file(uri.value, from, file); },
        [this, work, uri, file](Result<void> done) {
          finish_one(work, uri, file, std::move(done));
        });
  }

  void finish_one(const Shared& work,
                  const model::FetchUri& uri,
                  const std::string& file,
                  Result<void> got) {
    if (!got) {
      work->done(std::move(got));
      return;
    }
    run([work, uri, file] { return finish(uri, work->job, file); },
        [this, work](Result<void> done) {
          if (done) {
            next(work);
          } else {
            work->done(std::move(done));
          }
        });
  }

  void download(const std::string& uri,
                const std::string& file,
                std::function<void(Result<void>)> done) {
    std::error_code error;
    fs::create_directories(fs::path(file).parent_path(), error);
    fs::remove(file, error);
    net::Call call;
    call.url = uri;
    call.output_file = file;
    call.redirects_max = kRedirectsMax;
    call.timeout = kDownloadMax;
    call.stall_timeout = options.stall_timeout;
    call.ftp = is_ftp(uri);
    call.body_bytes_max = kDownloadBytesMax;
    client.send(
        std::move(call),
        [self = shared_from_this(), uri, file, done](Result<net::Response> response) {
          if (!self->alive) {
            return;
          }
          if (!response) {
            done(cannot(uri, response.error().message));
          } else if (response->status != (is_ftp(uri) ? kFtpOk : kHttpOk)) {
            std::error_code ignored;
            fs::remove(file, ignored);
            done(cannot(
                uri, fmt::format("{} status {}", is_ftp(uri) ? "FTP" : "HTTP", response->status)));
          } else {
            done({});
          }
        });
  }

  void from_cache(const Shared& work, const model::FetchUri& uri, const std::string& file) {
    const std::string key = work->job.user + " " + uri.value;
    Cached& cached = cache[key];
    cached.used = ++uses;
    const auto use = [this, work, uri, file, key](Result<void> done) {
      if (!done) {
        work->done(std::move(done));
        return;
      }
      ++cache.at(key).readers;
      run([uri, from = cache.at(key).file, file] { return copy_file(uri.value, from, file); },
          [this, work, uri, file, key](Result<void> copied) {
            --cache.at(key).readers;
            evict();
            finish_one(work, uri, file, std::move(copied));
          });
    };
    if (cached.ready) {
      use({});
      return;
    }
    cached.waiting.push_back(use);
    if (cached.waiting.size() > 1) {
      return;
    }
    cached.file = fmt::format("{}/{}{}", options.cache_dir, kCachePrefix, uses);
    download(uri.value, cached.file, [this, key](Result<void> done) { cached_now(key, done); });
  }

  void cached_now(const std::string& key, const Result<void>& done) {
    Cached& cached = cache.at(key);
    const auto waiting = std::move(cached.waiting);
    cached.waiting.clear();
    std::error_code error;
    cached.ready = done.has_value();
    cached.size = done ? fs::file_size(cached.file, error) : 0;
    stats.cache_bytes += cached.size;
    for (const auto& one : waiting) {
      one(done);
    }
    if (!done) {
      cache.erase(key);
    }
    evict();
  }

  // The least recently used go, as long as nobody is copying them; also the newest, when it alone
  // is too much.
  void evict() {
    std::map<std::uint64_t, std::string> by_use;
    for (const auto& [key, cached] : cache) {
      if (cached.ready && cached.readers == 0) {
        by_use[cached.used] = key;
      }
    }
    for (const auto& [used, key] : by_use) {
      if (stats.cache_bytes <= options.cache_bytes_max) {
        return;
      }
      const Cached& cached = cache.at(key);
      stats.cache_bytes -= cached.size;
      ::unlink(cached.file.c_str());
      cache.erase(key);
    }
  }

  net::Loop& loop;
  net::Client& client;
  const FetcherOptions options;
  FetcherStats stats;
  bool alive = true;
  std::uint64_t uses = 0;
  std::map<std::string, Cached> cache;
  std::unique_ptr<runtime::Worker> worker;
};

Fetcher::Fetcher(net::Loop& loop, net::Client& client, FetcherOptions options)
    : impl_(std::make_shared<Impl>(loop, client, std::move(options))) {}

FetcherStats Fetcher::stats() const {
  return impl_->stats;
}

Fetcher::~Fetcher() {
  impl_->alive = false;
  impl_->worker.reset();  // joined here, not by whichever thread lets go of Impl last
}

void Fetcher::fetch(FetchJob job, std::function<void(Result<void>)> done) {
  auto work = std::make_shared<Impl::Work>();
  work->job = std::move(job);
  work->done = [impl = impl_.get(), done = std::move(done)](Result<void> result) {
    ++(result ? impl->stats.succeeded : impl->stats.failed);
    done(std::move(result));
  };
  impl_->next(work);
}

}  // namespace ekiden::agent
