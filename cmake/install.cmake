# The library for others: find_package(grille), add_subdirectory, pkg-config. tests/consumer builds a project in each of these ways.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(GRILLE_PKGCONFIG_MODULES XXHASH=libxxhash SODIUM=libsodium)  # target PkgConfig::NAME = package
set(GRILLE_PC_PACKAGES "fmt sqlite3 libxxhash libsodium")
if(GRILLE_POSTGRES)
  list(APPEND GRILLE_PKGCONFIG_MODULES PQXX=libpqxx PQ=libpq)
  string(APPEND GRILLE_PC_PACKAGES " libpqxx libpq")
endif()
get_target_property(kind grille TYPE)
if(kind STREQUAL "STATIC_LIBRARY")  # whoever links it links these too
  set(GRILLE_PC_REQUIRES Requires)
else()
  set(GRILLE_PC_REQUIRES Requires.private)
endif()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/grille)
configure_package_config_file(cmake/grilleConfig.cmake.in grilleConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(grilleConfigVersion.cmake COMPATIBILITY SameMinorVersion)
configure_file(cmake/grille.pc.in grille.pc @ONLY)

install(TARGETS grille EXPORT grille COMPONENT library)
install(DIRECTORY include/grille TYPE INCLUDE COMPONENT library FILES_MATCHING PATTERN "*.hpp")
install(EXPORT grille NAMESPACE grille:: FILE grilleTargets.cmake DESTINATION ${package_folder} COMPONENT library)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/grilleConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/grilleConfigVersion.cmake DESTINATION ${package_folder}
  COMPONENT library)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/grille.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
if(TARGET grille_command)
  install(TARGETS grille_command COMPONENT command)
endif()
