#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// HTTP as values; no third-party include, so that a route costs nothing to compile.
namespace ekiden::net {

// Names compare without case; order and duplicates are kept.
class Headers {
 public:
  void set(std::string_view name, std::string_view value);  // replaces all of that name
  void add(std::string_view name, std::string_view value);
  std::optional<std::string_view> get(std::string_view name) const;  // the first
  void erase(std::string_view name);

  const std::vector<std::pair<std::string, std::string>>& all() const { return all_; }

 private:
  std::vector<std::pair<std::string, std::string>> all_;
};

// The body of a request that is handed over while it arrives (ServerOptions::streams). The handler
// sets the callbacks before it returns; they come on the loop thread, on_end once, and none after
// the request has been answered.
struct BodySource {
  std::function<void(std::string_view)> on_data;
  enum class End { complete, broken };  // broken: the client went away in the middle
  std::function<void(End)> on_end;
  // Nothing more is read until resume(), which may only be called on the loop thread.
  bool paused = false;
  std::function<void()> wake;  // the server's

  void resume() {
    paused = false;
    if (wake) {
      wake();
    }
  }
};

struct Request {
  std::string method;
  std::string path;   // raw (still percent-encoded), without the query
  std::string query;  // raw, without the '?'
  Headers headers;
  std::string body;
  std::string remote;                         // "127.0.0.1:51234"
  std::map<std::string, std::string> params;  // what the router matched, percent-decoded
  std::shared_ptr<BodySource> stream;         // then `body` is empty
  std::string principal;                      // who was authenticated; empty: nobody

  // Decoded query parameters: the first of the name; all of the name in order.
  std::optional<std::string> query_value(std::string_view name) const;
  std::vector<std::string> query_values(std::string_view name) const;
  bool has_query(std::string_view name) const;
};

// The producing end of a streamed response; bounded. Any thread may call it.
class ChunkSource {
 public:
  static constexpr std::size_t kDefaultLimit = 4 * 1024 * 1024;  // bytes queued for one reader
  explicit ChunkSource(std::size_t limit = kDefaultLimit);
  ~ChunkSource();
  // False when the reader was too slow (the queue would exceed its limit) or has gone: the stream
  // is then closed and further pushes are refused.
  bool push(std::string chunk);
  bool push(std::shared_ptr<const std::string> chunk);  // shared between readers
  void close();                                         // after what is queued has been written
  bool closed() const;
  std::size_t waiting() const;  // bytes not yet written
  // Called once, on the server's loop thread, when the reader disconnects or is cut off; not after
  // close(), not after the source is destroyed. Set it before the response is sent.
  void on_close(std::function<void()> callback);

  struct Shared;  // between the source and the server's session

  const std::shared_ptr<Shared>& shared() const { return shared_; }

 private:
  std::shared_ptr<Shared> shared_;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  std::shared_ptr<const std::string> shared_body;  // used instead of body when set
  std::shared_ptr<ChunkSource> chunks;             // a stream: chunked until closed
};

Response text_response(int status,
                       std::string body,
                       std::string_view content_type = "text/plain;charset=utf-8");
Response json_response(int status, std::string body);

// May be kept and called later (after the commit), once, from any thread. Dropping it unanswered
// answers 500.
class Responder {
 public:
  Responder() = default;
  explicit Responder(std::function<void(Response)> send);
  void operator()(Response response) const;

  explicit operator bool() const { return state_ != nullptr; }

 private:
  struct State;
  std::shared_ptr<State> state_;
};

using Handler = std::function<void(Request, Responder)>;

}  // namespace ekiden::net
