#include "lb/hash.h"

#include "core/base/check.h"

#include <openssl/evp.h>

namespace ekiden::lb {

namespace {

std::string digest_hex(std::string_view text, const EVP_MD* kind) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  const int done = EVP_Digest(text.data(), text.size(), bytes, &length, kind, nullptr);
  CHECK(done == 1, "libcrypto refuses a digest of {} bytes", text.size());
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(length * 2);
  for (unsigned i = 0; i < length; ++i) {
    hex += kDigits[bytes[i] >> 4];
    hex += kDigits[bytes[i] & 15];
  }
  return hex;
}

}  // namespace

std::string sha1_hex(std::string_view text) {
  return digest_hex(text, EVP_sha1());
}

std::string sha256_hex(std::string_view text) {
  return digest_hex(text, EVP_sha256());
}

std::uint64_t hex_mod(std::string_view hex, std::uint64_t divisor) {
  std::uint64_t rest = 0;
  for (const char c : hex) {
    const auto digit = static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    rest = (rest * 16 + digit) % divisor;
  }
  return rest;
}

}  // namespace ekiden::lb
