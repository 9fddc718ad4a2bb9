#pragma once

#include "core/net/client.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include <curl/curl.h>

// The two halves of a call: what the loop calls back, and what the curl thread works on. Included
// by client*.cpp only.
namespace ekiden::net {

// Bytes handed to the loop and not yet consumed there. Beyond the limit the transfer is paused.
constexpr std::size_t kBacklogMax = 4 * 1024 * 1024;
using Backlog = std::atomic<std::size_t>;

// Callbacks by call id. An id that is not here (cancelled, client gone) gets nothing.
class ClientCallbacks : public std::enable_shared_from_this<ClientCallbacks> {
 public:
  struct Entry {
    Done done;
    std::function<void(std::string_view)> on_chunk;
    std::function<void(int, const Headers&)> on_headers;
    std::function<void()> resume;  // the backlog has gone down
    Backlog backlog{0};
  };

  explicit ClientCallbacks(Loop& loop) : loop_(loop) {}

  void add(CallId id, std::shared_ptr<Entry> entry);
  void erase(CallId id);
  void close();

  // Any thread; they arrive on the loop thread in the order of the calls.
  void post_headers(CallId id, int status, Headers headers);
  void post_chunk(CallId id, std::string chunk);
  void post_done(CallId id, Result<Response> result);

 private:
  std::shared_ptr<Entry> find(CallId id);
  std::shared_ptr<Entry> take(CallId id);

  Loop& loop_;
  std::mutex mutex_;
  std::unordered_map<CallId, std::shared_ptr<Entry>> entries_;
};

// "GET http://host/path through /socket", without user, password and query.
std::string call_text(const Call& call);

// One call in libcurl's hands; curl thread only.
class ClientTransfer {
 public:
  ClientTransfer(CallId id,
                 Call call,
                 std::shared_ptr<ClientCallbacks::Entry> entry,
                 ClientCallbacks& callbacks);
  ~ClientTransfer();  // removes an output file that is not complete
  ClientTransfer(const ClientTransfer&) = delete;
  ClientTransfer& operator=(const ClientTransfer&) = delete;

  Result<void> prepare();
  Result<Response> result(CURLcode code);
  void resume();

  CURL* easy() const { return easy_; }

  CallId id() const { return id_; }

 private:
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);

  void set_method();
  void set_headers();
  void set_route();
  Result<void> open_output();
  void header_line(std::string_view line);
  std::size_t body_part(std::string_view part);
  bool write_output(std::string_view part);
  Error failure(CURLcode code) const;

  CallId id_;
  Call call_;
  std::shared_ptr<ClientCallbacks::Entry> entry_;
  ClientCallbacks& callbacks_;
  CURL* easy_ = nullptr;
  curl_slist* header_list_ = nullptr;
  char error_text_[CURL_ERROR_SIZE] = {};
  Response response_;
  std::size_t received_ = 0;
  int output_ = -1;
  int output_errno_ = 0;
  bool output_complete_ = false;
  bool too_large_ = false;
};

}  // namespace ekiden::net
