#include "core/base/random.h"

#include <random>

#include <fmt/core.h>

namespace ekiden {

std::uint64_t Random::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::uint64_t Random::below(std::uint64_t bound) {
  return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
}

double Random::unit() {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

std::string Random::uuid() {
  const std::uint64_t hi = (next() & 0xffffffffffff0fffULL) | 0x0000000000004000ULL;
  const std::uint64_t lo = (next() & 0x3fffffffffffffffULL) | 0x8000000000000000ULL;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
                     hi >> 32,
                     (hi >> 16) & 0xffff,
                     hi & 0xffff,
                     lo >> 48,
                     lo & 0xffffffffffffULL);
}

std::string Random::uuid_bytes() {
  std::string bytes;
  for (int half = 0; half < 2; ++half) {
    std::uint64_t value = next();
    for (int i = 0; i < 8; ++i, value >>= 8) {
      bytes.push_back(static_cast<char>(value & 0xff));
    }
  }
  return bytes;
}

std::uint64_t system_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

}  // namespace ekiden
