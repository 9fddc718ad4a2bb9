#include "core/store/sqlite_store.h"

#include "tests/unit/core/store/temp_folder.h"

#include <csignal>
#include <fstream>
#include <future>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ekiden::store {
namespace {

Result<void> commit(Store& store, Batch batch) {
  std::promise<Result<void>> answer;
  store.commit(std::move(batch),
               [&answer](Result<void> result) { answer.set_value(std::move(result)); });
  return answer.get_future().get();
}

// Keys that ascend as text.
std::string key(std::size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(10 - digits.size(), '0') + digits;
}

// Runs in a child process; its exit code is what `body` returns.
pid_t in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(body());
  }
  return child;
}

TEST(SqliteStore, KeepsEverythingOverAReopen) {
  const TempFolder folder;
  const std::string path = folder.file("deep/er/a.db");
  {
    auto store = open_sqlite(path);
    ASSERT_TRUE(store) << store.error().message;
    ASSERT_TRUE(commit(**store, {{"app", "a", "1"}, {"app", "b", "2"}}));
  }
  auto store = open_sqlite(path);
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ(*(*store)->load("app"), (std::vector<Entry>{{"a", "1"}, {"b", "2"}}));
}

TEST(SqliteStore, WritesWhatIsQueuedWhenItIsDestroyed) {
  const TempFolder folder;
  {
    auto store = open_sqlite(folder.file("a.db"));
    for (int i = 0; i < 50; ++i) {
      (*store)->commit({{"app", key(static_cast<std::size_t>(i)), "x"}},
                       [](const Result<void>&) {});
    }
  }
  auto store = open_sqlite(folder.file("a.db"));
  EXPECT_EQ((*store)->load("app")->size(), 50u);
}

TEST(SqliteStore, KeepsItsFileFromOtherUsers) {
  const TempFolder folder;
  auto store = open_sqlite(folder.file("a.db"));
  ASSERT_TRUE(store);
  ASSERT_TRUE(commit(**store, {{"app", "a", "1"}}));
  for (const char* name : {"a.db", "a.db-wal"}) {
    struct stat status {};

    ASSERT_EQ(::stat(folder.file(name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << name;
  }
}

TEST(SqliteStore, RefusesASecondOpenWithASentence) {
  const TempFolder folder;
  const std::string path = folder.file("a.db");
  auto first = open_sqlite(path);
  ASSERT_TRUE(first);
  const auto second = open_sqlite(path);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find(path), std::string::npos) << second.error().message;
  EXPECT_NE(second.error().message.find("another ekiden is running"), std::string::npos)
      << second.error().message;
}

TEST(SqliteStore, IsLockedForOtherProcessesUntilItsOwnEnds) {
  const TempFolder folder;
  const std::string path = folder.file("a.db");
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = in_child([&] {
    auto store = open_sqlite(path);
    const char yes = 'y';
    return !store || ::write(ready[1], &yes, 1) != 1 ? 1 : ::pause();
  });
  ::close(ready[1]);
  char yes = 0;
  ASSERT_EQ(::read(ready[0], &yes, 1), 1);
  ::close(ready[0]);
  const auto refused = open_sqlite(path);
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("another ekiden is running"), std::string::npos)
      << refused.error().message;
  EXPECT_TRUE(open_sqlite(path));
}

// The promise of the whole store: what was reported done is there after kill -9.
TEST(SqliteStore, HasEverythingReportedDoneAfterKill) {
  const TempFolder folder;
  const std::string path = folder.file("a.db");
  int reports[2];
  ASSERT_EQ(::pipe(reports), 0);
  const pid_t child = in_child([&] {
    auto store = open_sqlite(path);
    if (!store) {
      return 1;
    }
    for (std::size_t i = 0;; ++i) {
      const Result<void> result = commit(**store, {{"app", key(i), std::string(200, 'x')}});
      if (!result || ::write(reports[1], &i, sizeof i) != sizeof i) {
        return 1;
      }
    }
  });
  ::close(reports[1]);
  std::size_t last = 0;
  while (last < 200 && ::read(reports[0], &last, sizeof last) == sizeof last) {
  }
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  while (::read(reports[0], &last, sizeof last) == sizeof last) {  // reported before it died
  }
  ::close(reports[0]);
  ASSERT_GE(last, 200u);
  auto store = open_sqlite(path);
  ASSERT_TRUE(store) << store.error().message;
  const auto entries = (*store)->load("app");
  ASSERT_TRUE(entries);
  ASSERT_GE(entries->size(), last + 1);
  for (std::size_t i = 0; i <= last; ++i) {
    ASSERT_EQ((*entries)[i].first, key(i));
  }
}

TEST(SqliteStore, FailsForGoodWhenTheDiskIsFull) {
  const TempFolder folder;
  const std::string path = folder.file("a.db");
  const pid_t child = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    auto store = open_sqlite(path);
    if (!store || !commit(**store, {{"app", "before", "1"}})) {
      return 1;
    }
    const rlimit small{256 * 1024, 256 * 1024};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const auto full = commit(**store, {{"app", "big", std::string(1024 * 1024, 'x')}});
    if (full || full.error().message.find(path) == std::string::npos) {
      return 2;
    }
    const auto after = commit(**store, {{"app", "after", "1"}});
    return after ? 3 : 0;
  });
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  auto store = open_sqlite(path);
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ(*(*store)->load("app"), (std::vector<Entry>{{"before", "1"}}));
}

TEST(SqliteStore, NamesAFolderItCannotMake) {
  const TempFolder folder;
  std::ofstream(folder.file("plain-file")) << "x";
  const auto store = open_sqlite(folder.file("plain-file/a.db"));
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().message.find(folder.file("plain-file")), std::string::npos)
      << store.error().message;
  EXPECT_NE(store.error().message.find("--data-dir"), std::string::npos);
}

TEST(SqliteStore, NamesAFileThatIsNoDatabase) {
  const TempFolder folder;
  std::ofstream(folder.file("a.db")) << std::string(4096, 'x');
  const auto store = open_sqlite(folder.file("a.db"));
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().message.find(folder.file("a.db")), std::string::npos)
      << store.error().message;
  EXPECT_NE(store.error().message.find("not a database"), std::string::npos);
}

TEST(SqliteStore, RefusesAFileOfANewerSchema) {
  const TempFolder folder;
  const std::string path = folder.file("a.db");
  {
    auto store = open_sqlite(path);
    ASSERT_TRUE(store);
  }
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(60);  // user_version, big endian, in the file's header
    file.write("\0\0\0\x63", 4);
  }
  const auto store = open_sqlite(path);
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().message.find("newer ekiden"), std::string::npos) << store.error().message;
}

TEST(SqliteStore, SharesOneDiskWriteBetweenWaitingBatches) {
  const TempFolder folder;
  auto store = open_sqlite(folder.file("a.db"));
  ASSERT_TRUE(store);
  std::promise<void> blocked;
  std::promise<void> release;
  // The first answer holds the writer thread until the others are queued.
  (*store)->commit({{"app", "first", "1"}}, [&](const Result<void>&) {
    blocked.set_value();
    release.get_future().wait();
  });
  blocked.get_future().wait();
  const auto before = std::filesystem::file_size(folder.file("a.db-wal"));
  std::promise<void> last;
  constexpr int kBatches = 200;
  for (int i = 0; i < kBatches; ++i) {
    (*store)->commit({{"app", "same", std::to_string(i)}}, [&last, i](const Result<void>&) {
      if (i == kBatches - 1) {
        last.set_value();
      }
    });
  }
  release.set_value();
  last.get_future().wait();
  // Every transaction writes at least one page of 4 KB: 200 of them would need 800 KB.
  EXPECT_LT(std::filesystem::file_size(folder.file("a.db-wal")) - before, 100'000u);
}

}  // namespace
}  // namespace ekiden::store
