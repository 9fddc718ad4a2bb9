#pragma once

#include "core/net/client.h"
#include "core/net/loop.h"
#include "core/wire/media.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ekiden::wire {

// How calls that wait are sent.
enum class Batching {
  one_by_one,   // a body per POST, as the Mesos API wants it, unless the master offers more
  concatenate,  // as many bodies as fit in one POST, as RecordIO records
};

// The first body of a framework has this header, and so has the answer of a master of ours: calls
// may then come many in one POST, and both directions are protobuf. Mesos has no such thing: calls
// go one by one, in JSON.
inline constexpr const char* kBatchingHeader = "Ekiden-Batching";
inline constexpr const char* kBatchingRecordio = "recordio";

struct StreamOptions {
  std::vector<std::string> masters;  // "http://host:port"; tried in turn, redirects are followed
  std::string path;                  // "/api/v1/scheduler"
  std::string credentials;           // "principal:secret" for HTTP basic; empty: none
  Duration silence_max = std::chrono::seconds(75);  // five heartbeats [mesos-core 1.8]
  Batching batching = Batching::one_by_one;
  Media media = Media::json;
};

// Whether a call may overtake others.
enum class Order { in_turn, any_time };

// A subscription over HTTP and the calls that belong to it: the first body opens a RecordIO stream,
// every later one is POSTed with the stream's id. Calls in turn go one after the other; calls for
// any time (acknowledgements) go beside them, several at once. A master that takes batches gets
// what waits in one POST, in order. Loop thread only; callbacks never come from inside a call, nor
// after destruction.
class StreamCall {
 public:
  StreamCall(net::Loop& loop,
             net::Client& client,
             StreamOptions options,
             std::function<void(std::string)> on_record,
             std::function<void()> on_close);
  ~StreamCall();
  StreamCall(const StreamCall&) = delete;
  StreamCall& operator=(const StreamCall&) = delete;

  // In the form that calls_media() says at that moment.
  void send(std::string body, Order order = Order::in_turn);

  Media calls_media() const;
  Media records_media() const;

  static constexpr std::size_t kQueueMax = 100'000;  // calls that wait; beyond it the stream closes
  static constexpr std::size_t kPostBytesMax = 4 * 1024 * 1024;  // of bodies in one POST
  static constexpr std::size_t kAnyTimeMax = 16;                 // in flight at once
  static constexpr int kRedirectsMax = 5;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ekiden::wire
