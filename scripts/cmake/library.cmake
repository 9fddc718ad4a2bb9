# ekiden_library(core_model SOURCES a.cpp b.cpp USES core_base PRIVATE PkgConfig::SQLITE)
# One static library per folder; include path is the repository root.
function(ekiden_library name)
  cmake_parse_arguments(A "" "" "SOURCES;USES;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${A_SOURCES})
  target_link_libraries(${name} PUBLIC ${A_USES} PRIVATE ekiden_warnings ${A_PRIVATE})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
endfunction()

# ekiden_test(unit_base SOURCES x_test.cpp USES core_base)
# A GoogleTest program, known to ctest test by test under <name>.
function(ekiden_test name)
  cmake_parse_arguments(A "" "" "SOURCES;USES" ${ARGN})
  add_executable(${name} ${A_SOURCES})
  target_link_libraries(${name} PRIVATE ekiden_warnings ${A_USES} GTest::gtest GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE EKIDEN_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(CMAKE_BUILD_TYPE STREQUAL "Debug")  # the tests' own code: a quarter less time to compile
    target_compile_options(${name} PRIVATE -O0)
  endif()
  add_test(NAME ${name} COMMAND ${name})
endfunction()
