#include "core/executor/nested_id.h"

#include <cstdint>
#include <string_view>

#include <fmt/core.h>

namespace ekiden::executor {
namespace {

// FNV-1a: names, not secrets; a constant per half makes two independent ones.
std::uint64_t mix(std::uint64_t seed, std::string_view text) {
  constexpr std::uint64_t kPrime = 1099511628211ULL;
  for (const char letter : text) {
    seed = (seed ^ static_cast<unsigned char>(letter)) * kPrime;
  }
  return (seed ^ (seed >> 32)) * kPrime;
}

constexpr std::uint64_t kHigh = 14695981039346656037ULL;
constexpr std::uint64_t kLow = 0x9e3779b97f4a7c15ULL;

}  // namespace

// In the form of a name-based uuid.
ContainerId nested_container(const ContainerId& executor, const TaskId& task) {
  const std::string name = executor.value + "/" + task.value;
  const std::uint64_t high = mix(kHigh, name);
  const std::uint64_t low = mix(kLow, name);
  const std::string uuid = fmt::format("{:08x}-{:04x}-5{:03x}-{:04x}-{:012x}",
                                       high >> 32,
                                       (high >> 16) & 0xffff,
                                       high & 0xfff,
                                       ((low >> 48) & 0x3fff) | 0x8000,
                                       low & 0xffffffffffffULL);
  return ContainerId{executor.value + "." + uuid};
}

std::string own_part(const ContainerId& container) {
  return container.value.substr(container.value.rfind('.') + 1);
}

}  // namespace ekiden::executor
