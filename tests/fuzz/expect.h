#pragma once

#include <cstdio>
#include <cstdlib>

// A promise that must hold for every input; a fuzzer takes the abort for its finding.
#define EKIDEN_FUZZ_EXPECT(condition)                                              \
  do {                                                                             \
    if (!(condition)) {                                                            \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                \
    }                                                                              \
  } while (false)
