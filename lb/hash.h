#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ekiden::lb {

// Lower-case hexadecimal digests: names, ids and ports derive from them, so that they are the same
// in every process and after every restart [discovery 1.6, 1.14].
std::string sha1_hex(std::string_view text);
std::string sha256_hex(std::string_view text);
// A hexadecimal number of any length modulo `divisor`.
std::uint64_t hex_mod(std::string_view hex, std::uint64_t divisor);

}  // namespace ekiden::lb
