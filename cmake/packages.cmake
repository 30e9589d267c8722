# Every package from outside, each used by the one layer that is its home.
# SPDX-License-Identifier: Apache-2.0
find_package(PkgConfig REQUIRED)
pkg_check_modules(ZMQ REQUIRED IMPORTED_TARGET libzmq>=4.3)          # lib/link
pkg_check_modules(PROTOBUF_C REQUIRED IMPORTED_TARGET libprotobuf-c) # lib/wire
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)            # lib/config
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)         # broker
find_program(PROTOC_C protoc-c REQUIRED)
find_path(UDUNITS2_INCLUDE udunits2.h REQUIRED)                      # lib/config
find_library(UDUNITS2_LIBRARY udunits2 REQUIRED)
pkg_check_modules(HDF5 REQUIRED IMPORTED_TARGET hdf5)                # lib/store
if(NOT TUTTI_SANITIZE) # MPI itself leaks, and has races that are none
  find_package(MPI COMPONENTS C)                                     # kernel, optional
endif()
pkg_check_modules(CMOCKA IMPORTED_TARGET cmocka)                     # tests
if(BUILD_TESTING AND NOT CMOCKA_FOUND)
  message(STATUS "tests left out: libcmocka-dev is not installed")
  set(BUILD_TESTING OFF)
endif()
