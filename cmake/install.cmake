# All that `cmake --install` puts under a prefix: any prefix, without root, without network.
# Programs find each other by their own folder, so what is installed may be moved.
# SPDX-License-Identifier: Apache-2.0
include(CMakePackageConfigHelpers)
find_program(PYTHON3 python3 HINTS /usr/bin)

install(DIRECTORY include/tutti DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN *.h)
install(FILES LICENSE LICENSES/Apache-2.0.txt LICENSES/GPL-3.0-or-later.txt
  DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/tutti)

# --- libtutti.so, for CMake (find_package(Tutti), Tutti::tutti) and for pkg-config (tutti)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/Tutti)
set_target_properties(tutti_shared PROPERTIES EXPORT_NAME tutti)
install(TARGETS tutti_shared EXPORT tutti INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT tutti NAMESPACE Tutti:: FILE TuttiConfig.cmake DESTINATION ${package})
# The same promise as the soname: until 1.0 a minor version may break.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/TuttiConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/TuttiConfigVersion.cmake DESTINATION ${package})

# The way back from the folder of tutti.pc to the prefix.
file(RELATIVE_PATH TUTTI_PREFIX_FROM_PC /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" TUTTI_PREFIX_FROM_PC ${TUTTI_PREFIX_FROM_PC})
configure_file(cmake/tutti.pc.in tutti.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/tutti.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# --- programs, with their manual pages

if(NOT PYTHON3)
  message(STATUS "manual pages left out: python3 is not installed")
endif()

# tutti_program(TARGET BRIEF): a program for users; its manual page is what --help says.
function(tutti_program target brief)
  install(TARGETS ${target})
  if(PYTHON3)
    set(page ${PROJECT_BINARY_DIR}/man/${target}.1)
    add_custom_command(OUTPUT ${page}
      COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/cmake/man_page.py $<TARGET_FILE:${target}>
              ${brief} ${PROJECT_VERSION} ${page}
      DEPENDS ${target} ${PROJECT_SOURCE_DIR}/cmake/man_page.py VERBATIM)
    add_custom_target(${target}_man ALL DEPENDS ${page})
    install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  endif()
endfunction()

tutti_program(tutti "run simulators side by side as one simulation")
tutti_program(tutti-kernel "simulate a network of point neurons as a participant")
tutti_program(tutti-recorder "record an experiment as SONATA HDF5")
