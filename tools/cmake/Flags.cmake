# Compiler settings that hold for every target of the project.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

set(LALANH_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, as \"address,undefined\" or \"thread\"")
option(LALANH_FUZZ "Build the fuzz targets, and only what they need (clang)" OFF)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Debug CACHE STRING "Debug or Release" FORCE)
endif()

# Set here and not in the presets, so that a build without a preset gets the same.
# Debug is -O1: tests of a database are unbearable at -O0; -g1 keeps backtraces and small objects.
foreach(lang C CXX)
  set(CMAKE_${lang}_FLAGS_DEBUG "-O1 -g1")
  set(CMAKE_${lang}_FLAGS_RELEASE "-O2 -DNDEBUG")
endforeach()
add_compile_definitions($<$<AND:$<CONFIG:Debug>,$<COMPILE_LANGUAGE:CXX>>:_GLIBCXX_ASSERTIONS>)
# Foreign bytes reach the release too. Fortify needs an optimised build without sanitizers.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT LALANH_SANITIZE)
  add_compile_options(-fstack-protector-strong)
  add_compile_definitions(_FORTIFY_SOURCE=2)
endif()

# __FILE__ and debug information name files from the repository root: builds in two folders are
# equal byte for byte, and no program carries the path of the machine it was built on.
add_compile_options("-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=" "-ffile-prefix-map=${CMAKE_BINARY_DIR}/=build/")

if(LALANH_SANITIZE)
  add_compile_options(-fsanitize=${LALANH_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LALANH_SANITIZE})
  if(LALANH_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
    add_link_options(-fno-sanitize-recover=undefined)
  endif()
  if(LALANH_SANITIZE STREQUAL "thread")
    add_compile_options(-Wno-tsan)  # Asio has fences; its locks order what they guard as well
  endif()
endif()
if(LALANH_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Warnings for our own code; tools/cmake/Lalanh.cmake gives them to each target.
# -Wsign-conversion stays off: with std:: sizes and iterators it asks for casts that hide bugs.
set(LALANH_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # g++ decides, since CI builds with it: what clang alone finds is shown, and stops no fuzzing.
  list(APPEND LALANH_WARNINGS -Wno-unused-command-line-argument -Wno-error)
endif()

# ccache where it is there. The base folder lets two clones share one cache.
find_program(LALANH_CCACHE ccache)
if(LALANH_CCACHE)
  foreach(lang C CXX)
    set(CMAKE_${lang}_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1 ${LALANH_CCACHE})
  endforeach()
endif()
mark_as_advanced(LALANH_CCACHE)
