// Appends the monotonic clock, in nanoseconds, to the file it is given: when a task's exec has
// happened. Linked statically, so that the time of its own start does not count.
#include <cstdio>
#include <ctime>

int main(int argc, char** argv) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  std::FILE* file = argc == 2 ? std::fopen(argv[1], "a") : nullptr;
  if (file == nullptr) {
    return 1;
  }
  std::fprintf(file, "%lld\n", now.tv_sec * 1'000'000'000LL + now.tv_nsec);
  return std::fclose(file) == 0 ? 0 : 1;
}
