#include "dns/udp.h"

#include <cstring>

// A server on 0.0.0.0 has to reply from the address it was asked at: IP_PKTINFO brings that address
// with each datagram and takes it with the reply.

namespace ekiden::dns {
namespace {

void read_local_address(const msghdr& header, Peer& peer) {
  peer.has_local = false;
  auto* writable = const_cast<msghdr*>(&header);
  for (cmsghdr* part = CMSG_FIRSTHDR(writable); part != nullptr;
       part = CMSG_NXTHDR(writable, part)) {
    if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(part), sizeof info);
      peer.local = info.ipi_spec_dst;
      peer.has_local = true;
    }
  }
}

// Control data that makes the reply come from the local address; its length.
std::size_t write_local_address(const Peer& peer, unsigned char* control) {
  if (!peer.has_local) {
    return 0;
  }
  cmsghdr part{};
  part.cmsg_level = IPPROTO_IP;
  part.cmsg_type = IP_PKTINFO;
  part.cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
  in_pktinfo info{};
  info.ipi_spec_dst = peer.local;
  std::memcpy(control, &part, sizeof part);
  std::memcpy(control + CMSG_LEN(0), &info, sizeof info);
  return CMSG_SPACE(sizeof(in_pktinfo));
}

}  // namespace

UdpBatch::UdpBatch()
    : queries_(kBatch),
      controls_(kBatch),
      replies_(kBatch),
      peers_(kBatch),
      data_(kBatch),
      messages_(kBatch) {}

void UdpBatch::fill(
    mmsghdr& message, iovec& data, Bytes& bytes, Peer& peer, unsigned char* control) {
  message = {};
  data = {bytes.data(), bytes.size()};
  message.msg_hdr.msg_name = &peer.address;
  message.msg_hdr.msg_namelen = peer.length;
  message.msg_hdr.msg_iov = &data;
  message.msg_hdr.msg_iovlen = 1;
  message.msg_hdr.msg_controllen = write_local_address(peer, control);
  message.msg_hdr.msg_control = message.msg_hdr.msg_controllen == 0 ? nullptr : control;
}

std::size_t UdpBatch::serve(int socket, const Answer& answer) {
  for (std::size_t i = 0; i < kBatch; ++i) {
    data_[i] = {queries_[i].data(), queries_[i].size()};
    messages_[i] = {};
    messages_[i].msg_hdr.msg_name = &peers_[i].address;
    messages_[i].msg_hdr.msg_namelen = sizeof peers_[i].address;
    messages_[i].msg_hdr.msg_iov = &data_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
    messages_[i].msg_hdr.msg_control = controls_[i].data();
    messages_[i].msg_hdr.msg_controllen = controls_[i].size();
  }
  const int received = recvmmsg(socket, messages_.data(), kBatch, MSG_DONTWAIT, nullptr);
  if (received <= 0) {
    return 0;
  }
  const auto count = static_cast<std::size_t>(received);
  std::size_t to_send = 0;
  for (std::size_t i = 0; i < count; ++i) {
    peers_[i].length = messages_[i].msg_hdr.msg_namelen;
    read_local_address(messages_[i].msg_hdr, peers_[i]);
    Bytes& reply = replies_[to_send];
    reply.clear();
    answer(ByteView(queries_[i].data(), messages_[i].msg_len), peers_[i], reply);
    if (!reply.empty()) {
      // to_send <= i, so nothing that is still to be read is overwritten.
      fill(messages_[to_send], data_[to_send], reply, peers_[i], controls_[to_send].data());
      ++to_send;
    }
  }
  std::size_t sent = 0;
  while (sent < to_send) {
    const int done = sendmmsg(
        socket, messages_.data() + sent, static_cast<unsigned>(to_send - sent), MSG_DONTWAIT);
    if (done <= 0) {
      ++send_failures_;  // this one's peer or a full buffer: UDP may lose it, the rest goes on
      ++sent;
      continue;
    }
    sent += static_cast<std::size_t>(done);
  }
  return count;
}

bool UdpBatch::send(int socket, const Bytes& reply, const Peer& peer) {
  Bytes bytes = reply;
  Peer to = peer;
  iovec data{};
  mmsghdr message{};
  std::array<unsigned char, kControlSize> control{};
  fill(message, data, bytes, to, control.data());
  return sendmsg(socket, &message.msg_hdr, MSG_DONTWAIT) >= 0;
}

std::size_t UdpBatch::take_send_failures() {
  return std::exchange(send_failures_, 0);
}

}  // namespace ekiden::dns
