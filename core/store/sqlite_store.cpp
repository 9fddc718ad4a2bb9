// Memory is the database; SQLite is the log of last values. One table, one connection, one writer
// thread that takes everything queued into one transaction: a slow fsync makes the batches bigger,
// not the answers fewer.
//
// With locking_mode=EXCLUSIVE the lock is held from the first write until the connection closes, so
// a second process fails at once, and the kernel releases it however the first one dies.
#include "core/store/sqlite_store.h"

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <filesystem>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <fmt/core.h>
#include <sqlite3.h>
#include <unistd.h>

namespace ekiden::store {
namespace {

constexpr int kSchemaVersion = 1;
constexpr std::size_t kRecordsPerTransactionMax = 10'000;
constexpr mode_t kFileMode = 0600;  // records may hold secrets

constexpr const char* kPrepare =
    "PRAGMA locking_mode=EXCLUSIVE;"
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;"
    "PRAGMA wal_autocheckpoint=10000;";
constexpr const char* kCreate =
    "CREATE TABLE IF NOT EXISTS entry(kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,"
    " PRIMARY KEY(kind, key)) WITHOUT ROWID;";

// What a person can do about it; empty when only the code knows.
std::string advice(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "; another ekiden is running on it: stop that one or choose another --data-dir";
    case SQLITE_FULL:
    case SQLITE_IOERR:
      return "; free some space on that file system, check the disk, and start again";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return "; make the file and its folder writable, or choose another --data-dir";
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return "; it is not a database of ekiden or is damaged: move it away or restore a copy";
    default:
      return "";
  }
}

class Statement {
 public:
  Statement() = default;

  ~Statement() { sqlite3_finalize(statement_); }

  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  int prepare(sqlite3* db, const char* sql) {
    return sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  }

  void bind_text(int position, const std::string& text) {
    sqlite3_bind_text64(statement_, position, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  }

  void bind_blob(int position, const std::string& bytes) {
    // A null pointer would bind NULL.
    const char* data = bytes.empty() ? "" : bytes.data();
    sqlite3_bind_blob64(statement_, position, data, bytes.size(), SQLITE_STATIC);
  }

  int step() { return sqlite3_step(statement_); }

  int run() {
    const int code = sqlite3_step(statement_);
    const int reset = sqlite3_reset(statement_);
    return code == SQLITE_DONE ? SQLITE_OK : reset;
  }

  int reset() { return sqlite3_reset(statement_); }

  std::string column(int position) {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, position));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, position));
    return data == nullptr ? std::string() : std::string(data, size);
  }

  int column_int(int position) { return sqlite3_column_int(statement_, position); }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(std::string path) : path_(std::move(path)) {}

  ~SqliteStore() override;
  Result<void> open();
  Result<std::vector<Entry>> load(const std::string& kind) override;
  void commit(Batch batch, std::function<void(Result<void>)> done) override;

 private:
  struct Pending {
    Batch batch;
    std::function<void(Result<void>)> done;
  };

  Result<void> make_file() const;
  Result<void> migrate();
  Result<void> prepare_statements();
  void write_until_stopped();
  std::vector<Pending> take();
  Result<void> write(const std::vector<Pending>& group);
  int write_records(const std::vector<Pending>& group);

  int execute(const char* sql) { return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr); }

  tl::unexpected<Error> failed(std::string_view attempt, int code) const;

  const std::string path_;
  sqlite3* db_ = nullptr;
  std::optional<Statement> select_, upsert_, erase_, begin_, commit_;
  std::mutex db_mutex_;  // load and the writer share the connection
  std::mutex queue_mutex_;
  std::condition_variable queue_changed_;
  std::deque<Pending> queue_;
  bool stopping_ = false;
  std::optional<Error> failure_;  // writer thread only: after a failure nothing is written
  std::thread writer_;
};

SqliteStore::~SqliteStore() {
  if (writer_.joinable()) {
    {
      const std::lock_guard lock(queue_mutex_);
      stopping_ = true;
    }
    queue_changed_.notify_one();
    writer_.join();
  }
  for (auto* statement : {&select_, &upsert_, &erase_, &begin_, &commit_}) {
    statement->reset();
  }
  sqlite3_close(db_);
}

tl::unexpected<Error> SqliteStore::failed(std::string_view attempt, int code) const {
  const char* reason = db_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db_);
  return fail(ErrorCode::internal,
              fmt::format("cannot {} {}: {}{}", attempt, path_, reason, advice(code)));
}

Result<void> SqliteStore::make_file() const {
  const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
  std::error_code error;
  if (!folder.empty() && !std::filesystem::exists(folder, error)) {
    std::filesystem::create_directories(folder, error);
  }
  if (error) {
    return fail(ErrorCode::internal,
                fmt::format("cannot create the folder {}: {}; make its parent writable, or choose "
                            "another --data-dir",
                            folder.string(),
                            error.message()));
  }
  // Created here and not by SQLite, for the mode; its journal files get the same.
  const int file = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
  if (file < 0) {
    return fail(ErrorCode::internal,
                fmt::format("cannot write to {}: {}{}",
                            path_,
                            std::strerror(errno),
                            advice(errno == ENOSPC ? SQLITE_FULL : SQLITE_CANTOPEN)));
  }
  ::close(file);
  return {};
}

Result<void> SqliteStore::open() {
  if (auto made = make_file(); !made) {
    return made;
  }
  int code =
      sqlite3_open_v2(path_.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) {
    return failed("open", code);
  }
  sqlite3_extended_result_codes(db_, 1);
  code = execute(kPrepare);
  if (code != SQLITE_OK) {
    return failed("open", code);
  }
  if (auto migrated = migrate(); !migrated) {
    return migrated;
  }
  if (auto prepared = prepare_statements(); !prepared) {
    return prepared;
  }
  writer_ = std::thread([this] { write_until_stopped(); });
  return {};
}

// Version 0 is an empty file. The write transaction also takes the lock that is kept.
Result<void> SqliteStore::migrate() {
  int code = execute("BEGIN IMMEDIATE");
  if (code != SQLITE_OK) {
    return failed("open", code);
  }
  Statement version;
  code = version.prepare(db_, "PRAGMA user_version");
  if (code != SQLITE_OK || version.step() != SQLITE_ROW) {
    return failed("read the schema version of", code);
  }
  const int found = version.column_int(0);
  version.reset();
  if (found > kSchemaVersion) {
    return fail(ErrorCode::internal,
                fmt::format("cannot open {}: it was written by a newer ekiden (schema {}, this one "
                            "knows {}); start that version, or choose another --data-dir",
                            path_,
                            found,
                            kSchemaVersion));
  }
  code = execute(kCreate);
  if (code == SQLITE_OK) {
    code = execute(fmt::format("PRAGMA user_version={}; COMMIT", kSchemaVersion).c_str());
  }
  if (code != SQLITE_OK) {
    return failed("write to", code);
  }
  return {};
}

Result<void> SqliteStore::prepare_statements() {
  const auto prepare = [this](std::optional<Statement>& statement, const char* sql) {
    return statement.emplace().prepare(db_, sql);
  };
  for (const int code : {prepare(select_, "SELECT key, value FROM entry WHERE kind=? ORDER BY key"),
                         prepare(upsert_,
                                 "INSERT INTO entry(kind, key, value) VALUES(?, ?, ?)"
                                 " ON CONFLICT(kind, key) DO UPDATE SET value=excluded.value"),
                         prepare(erase_, "DELETE FROM entry WHERE kind=? AND key=?"),
                         prepare(begin_, "BEGIN"),
                         prepare(commit_, "COMMIT")}) {
    if (code != SQLITE_OK) {
      return failed("use", code);
    }
  }
  return {};
}

Result<std::vector<Entry>> SqliteStore::load(const std::string& kind) {
  const std::lock_guard lock(db_mutex_);
  std::vector<Entry> entries;
  select_->bind_text(1, kind);
  int code = select_->step();
  while (code == SQLITE_ROW) {
    entries.emplace_back(select_->column(0), select_->column(1));
    code = select_->step();
  }
  select_->reset();
  if (code != SQLITE_DONE) {
    return failed(fmt::format("load the records of kind {} from", kind), code);
  }
  return entries;
}

void SqliteStore::commit(Batch batch, std::function<void(Result<void>)> done) {
  {
    const std::lock_guard lock(queue_mutex_);
    queue_.push_back({std::move(batch), std::move(done)});
  }
  queue_changed_.notify_one();
}

// Whole batches, at least one; empty when there is nothing left and the store is being closed.
std::vector<SqliteStore::Pending> SqliteStore::take() {
  std::vector<Pending> group;
  std::size_t records = 0;
  std::unique_lock lock(queue_mutex_);
  queue_changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  while (!queue_.empty() &&
         (group.empty() || records + queue_.front().batch.size() <= kRecordsPerTransactionMax)) {
    records += queue_.front().batch.size();
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return group;
}

void SqliteStore::write_until_stopped() {
  while (true) {
    const std::vector<Pending> group = take();
    if (group.empty()) {
      return;
    }
    if (!failure_) {
      if (auto written = write(group); !written) {
        failure_ = written.error();
      }
    }
    for (const Pending& pending : group) {
      pending.done(failure_ ? Result<void>(fail(*failure_)) : Result<void>());
    }
  }
}

Result<void> SqliteStore::write(const std::vector<Pending>& group) {
  const std::lock_guard lock(db_mutex_);
  int code = begin_->run();
  if (code == SQLITE_OK) {
    code = write_records(group);
  }
  if (code == SQLITE_OK) {
    code = commit_->run();
  }
  if (code != SQLITE_OK) {
    auto error = failed("write to", code);
    execute("ROLLBACK");
    return error;
  }
  return {};
}

int SqliteStore::write_records(const std::vector<Pending>& group) {
  for (const Pending& pending : group) {
    for (const Record& record : pending.batch) {
      Statement& statement = record.value ? *upsert_ : *erase_;
      statement.bind_text(1, record.kind);
      statement.bind_text(2, record.key);
      if (record.value) {
        statement.bind_blob(3, *record.value);
      }
      if (const int code = statement.run(); code != SQLITE_OK) {
        return code;
      }
    }
  }
  return SQLITE_OK;
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite(const std::string& path) {
  auto store = std::make_unique<SqliteStore>(path);
  if (auto opened = store->open(); !opened) {
    return fail(opened.error());
  }
  return store;
}

}  // namespace ekiden::store
