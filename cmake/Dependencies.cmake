# Libraries of the system. Each is used behind one small header in server/io or client.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(portaudio REQUIRED IMPORTED_TARGET portaudio-2.0)
pkg_check_modules(rtmidi REQUIRED IMPORTED_TARGET rtmidi)
pkg_check_modules(jack IMPORTED_TARGET jack)  # where it is there: who is connected to our MIDI port
pkg_check_modules(sndfile REQUIRED IMPORTED_TARGET sndfile)
pkg_check_modules(ebur128 REQUIRED IMPORTED_TARGET libebur128)
pkg_check_modules(edit REQUIRED IMPORTED_TARGET libedit)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_path(ASIO_INCLUDE_DIR asio.hpp REQUIRED)
add_library(hocket_asio INTERFACE)
target_include_directories(hocket_asio SYSTEM INTERFACE ${ASIO_INCLUDE_DIR})
target_link_libraries(hocket_asio INTERFACE Threads::Threads)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  # Asio 1.22 does not see that clang with libstdc++ has coroutines
  target_compile_definitions(hocket_asio INTERFACE ASIO_HAS_CO_AWAIT ASIO_HAS_STD_COROUTINE)
endif()
