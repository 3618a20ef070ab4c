# Imported targets dep::* for the Debian libraries that we use. Their headers are system headers,
# so that our warnings do not reach into them. What is missing is gathered and told in one message.

set(LALANH_MISSING "")

# lalanh_library(<name> PACKAGE <debian package> HEADER <file> [LIBRARY <name>] [DEFINES ...])
# makes dep::<name>.
function(lalanh_library name)
  cmake_parse_arguments(arg "" "PACKAGE;HEADER;LIBRARY" "DEFINES" ${ARGN})
  string(TOUPPER "${name}" upper)
  find_path(LALANH_${upper}_INCLUDE "${arg_HEADER}")
  mark_as_advanced(LALANH_${upper}_INCLUDE)
  set(found "${LALANH_${upper}_INCLUDE}")
  add_library(dep_${name} INTERFACE IMPORTED GLOBAL)
  if(arg_LIBRARY)
    find_library(LALANH_${upper}_LIBRARY "${arg_LIBRARY}")
    mark_as_advanced(LALANH_${upper}_LIBRARY)
    if(NOT LALANH_${upper}_LIBRARY)
      set(found FALSE)
    endif()
  endif()
  if(NOT found)
    list(APPEND LALANH_MISSING "${arg_PACKAGE}")
    set(LALANH_MISSING "${LALANH_MISSING}" PARENT_SCOPE)
    return()
  endif()
  target_include_directories(dep_${name} SYSTEM INTERFACE "${LALANH_${upper}_INCLUDE}")
  target_compile_definitions(dep_${name} INTERFACE ${arg_DEFINES})
  if(arg_LIBRARY)
    target_link_libraries(dep_${name} INTERFACE "${LALANH_${upper}_LIBRARY}")
  endif()
  add_library(dep::${name} ALIAS dep_${name})
endfunction()

lalanh_library(sodium PACKAGE libsodium-dev HEADER sodium.h LIBRARY sodium)
lalanh_library(zstd PACKAGE libzstd-dev HEADER zstd.h LIBRARY zstd)
lalanh_library(utf8proc PACKAGE libutf8proc-dev HEADER utf8proc.h LIBRARY utf8proc)
# What one thread decodes another frees: glibc's malloc is slow at that, and a third of taking in.
lalanh_library(mimalloc PACKAGE libmimalloc-dev HEADER mimalloc.h LIBRARY mimalloc)
# TLS of the link: ssl stands on crypto.
lalanh_library(openssl PACKAGE libssl-dev HEADER openssl/ssl.h LIBRARY ssl)
lalanh_library(openssl_crypto PACKAGE libssl-dev HEADER openssl/x509.h LIBRARY crypto)
lalanh_library(json PACKAGE nlohmann-json3-dev HEADER nlohmann/json.hpp)
# Debian compiles spdlog, with fmt outside.
lalanh_library(spdlog PACKAGE libspdlog-dev HEADER spdlog/spdlog.h LIBRARY spdlog
  DEFINES SPDLOG_SHARED_LIB SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL)
lalanh_library(fmt PACKAGE libfmt-dev HEADER fmt/core.h LIBRARY fmt)
lalanh_library(poco_foundation PACKAGE libpoco-dev HEADER Poco/Foundation.h LIBRARY PocoFoundation)
lalanh_library(poco_util PACKAGE libpoco-dev HEADER Poco/Util/Util.h LIBRARY PocoUtil)
lalanh_library(poco_net PACKAGE libpoco-dev HEADER Poco/Net/Net.h LIBRARY PocoNet)
if(NOT LALANH_FUZZ)
  lalanh_library(catch2 PACKAGE catch2 HEADER catch2/catch.hpp)
  lalanh_library(cli11 PACKAGE libcli11-dev HEADER CLI/CLI.hpp)
  # Headers alone: Asio and Beast. Errors by value, and the plain system:: library.
  lalanh_library(boost PACKAGE libboost-dev HEADER boost/beast.hpp
    DEFINES BOOST_ERROR_CODE_HEADER_ONLY BOOST_ASIO_NO_DEPRECATED)
endif()

if(LALANH_MISSING)
  list(REMOVE_DUPLICATES LALANH_MISSING)
  list(JOIN LALANH_MISSING " " LALANH_MISSING)
  message(FATAL_ERROR
    "Missing Debian packages: ${LALANH_MISSING}\n"
    "Run `tools/packages` as root: it installs everything that the build and the tests need.")
endif()

find_package(Threads REQUIRED)
target_link_libraries(dep_openssl INTERFACE dep::openssl_crypto)
target_link_libraries(dep_spdlog INTERFACE dep::fmt Threads::Threads)
add_library(dep_poco INTERFACE IMPORTED GLOBAL)
target_link_libraries(dep_poco INTERFACE
  dep::poco_net dep::poco_util dep::poco_foundation Threads::Threads)
add_library(dep::poco ALIAS dep_poco)
if(NOT LALANH_FUZZ)
  target_link_libraries(dep_boost INTERFACE Threads::Threads)
endif()
