#pragma once

#include <cstdint>
#include <string>

namespace ekiden {

// Seeded, passed in, never global: the same seed gives the same decisions (splitmix64).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  // Uniform in [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound);
  // Version 4 form, 36 characters: "6fa459ea-ee8a-4ca4-894e-db77e160355e".
  std::string uuid();
  // 16 raw bytes, as status updates carry them.
  std::string uuid_bytes();
  // Uniform in [0, 1).
  double unit();

 private:
  std::uint64_t state_;
};

// A seed from the operating system, for shells; log it.
std::uint64_t system_seed();

}  // namespace ekiden
