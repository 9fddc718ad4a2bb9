#include "tests/fuzz/targets.h"

#include <cstddef>
#include <cstdint>

// One program per target; EKIDEN_FUZZ_TARGET is its name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ekiden::fuzz::EKIDEN_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
