#pragma once

#include "dns/wire.h"

#include <array>
#include <cstddef>
#include <functional>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace ekiden::dns {

// The source of a datagram and the local address it came to, which the reply must come from.
struct Peer {
  sockaddr_storage address{};
  socklen_t length = 0;
  in_addr local{};
  bool has_local = false;
};

// Reads and writes datagrams of a non-blocking socket many at a time.
class UdpBatch {
 public:
  static constexpr std::size_t kBatch = 64;
  // A query needs less; longer datagrams are cut and then malformed.
  static constexpr std::size_t kQuerySizeMax = 4096;

  // Leaves `reply` empty to send nothing.
  using Answer = std::function<void(ByteView query, const Peer& peer, Bytes& reply)>;

  UdpBatch();
  // Reads one batch, answers it, sends the replies; how many datagrams there were.
  std::size_t serve(int socket, const Answer& answer);
  static bool send(int socket, const Bytes& reply, const Peer& peer);
  // Replies that the system did not take since the last call.
  std::size_t take_send_failures();

 private:
  static constexpr std::size_t kControlSize = 64;
  static void fill(mmsghdr& message, iovec& data, Bytes& bytes, Peer& peer, unsigned char* control);

  std::vector<std::array<std::uint8_t, kQuerySizeMax>> queries_;
  std::vector<std::array<unsigned char, kControlSize>> controls_;
  std::vector<Bytes> replies_;
  std::vector<Peer> peers_;
  std::vector<iovec> data_;
  std::vector<mmsghdr> messages_;
  std::size_t send_failures_ = 0;
};

}  // namespace ekiden::dns
