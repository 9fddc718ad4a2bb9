#pragma once

#include "core/base/time.h"
#include "dns/address.h"
#include "dns/answer.h"
#include "dns/wire.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace ekiden::dns {

// Sends queries on to other resolvers, unchanged and over the same transport, in order; the next is
// tried only when one does not answer at all [discovery 3.8]. One thread.
class Forwarder {
 public:
  static constexpr std::size_t kPendingMax = 1000;
  using Done = std::function<void(std::optional<Bytes>)>;

  // Group 0: the default resolvers; n: those of the n-th forward zone.
  Forwarder(boost::asio::io_context& context,
            std::vector<std::vector<HostPort>> groups,
            Duration timeout);
  ~Forwarder();
  // Nothing when no resolver answered or too many queries wait. `done` may come at once.
  void forward(Bytes query, std::size_t group, Transport transport, Done done);

 private:
  struct Attempt;
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace ekiden::dns
