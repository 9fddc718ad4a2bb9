# The warnings every target of ours is built with. -DEKIDEN_WERROR=ON (CI) makes them errors.
option(EKIDEN_WERROR "Treat warnings as errors" OFF)
add_library(ekiden_warnings INTERFACE)
target_compile_options(ekiden_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  $<$<BOOL:${EKIDEN_WERROR}>:-Werror>)
