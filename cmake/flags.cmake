# How everything of ours is compiled, and the functions that make layers and tests.
# SPDX-License-Identifier: Apache-2.0
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
# What is installed still finds packages that lie outside of the system's folders.
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)

option(TUTTI_WERROR "Warnings are errors" ON)
set(TUTTI_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=: address,undefined or thread")
option(TUTTI_FUZZ "Build the fuzz targets (clang's libFuzzer)" OFF)

add_library(tutti_flags INTERFACE)
target_compile_definitions(tutti_flags INTERFACE _GNU_SOURCE)
target_compile_options(tutti_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wpointer-arith -Wwrite-strings -Wvla -fno-common
  $<$<BOOL:${TUTTI_WERROR}>:-Werror>)
target_compile_options(tutti_flags INTERFACE $<$<CONFIG:RelWithDebInfo>:-O3>)
target_include_directories(tutti_flags INTERFACE
  ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/lib ${CMAKE_SOURCE_DIR})
if(TUTTI_SANITIZE)
  add_compile_options(-fsanitize=${TUTTI_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TUTTI_SANITIZE})
endif()
if(TUTTI_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# tutti_layer(NAME LINKS ...): the layer in this folder as a static library; every .c file of
# the folder belongs to it.
function(tutti_layer name)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.c)
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PRIVATE tutti_flags PUBLIC ${ARG_LINKS})
endfunction()

# tutti_test(NAME SOURCE LINKS ... LABELS ...): a cmocka program that ctest runs.
function(tutti_test name source)
  cmake_parse_arguments(ARG "" "" "LINKS;LABELS" ${ARGN})
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE tutti_flags ${ARG_LINKS} PkgConfig::CMOCKA)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 120 LABELS "unit;${ARG_LABELS}")
endfunction()

# tutti_fuzz(NAME SOURCE LINKS ...): a libFuzzer target for one decoder.
function(tutti_fuzz name source)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  if(TUTTI_FUZZ)
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE tutti_flags ${ARG_LINKS})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  endif()
endfunction()
