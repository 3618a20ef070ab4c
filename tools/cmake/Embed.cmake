# cmake -DNAME=<name> -DFROM=<folder> -DFILES=<a|b|c> -DOUT=<folder> -P Embed.cmake
# Writes <name>.h and <name>.cpp with the bytes of the files as string literals: any bytes, any
# length, any compiler, no other tool. About a second a megabyte.
# Every byte is an escape of its own, since a hex escape would swallow a hex digit after it.

string(REPLACE "|" ";" files "${FILES}")
set(arrays "")
set(table "")
set(number 0)
foreach(file IN LISTS files)
  get_filename_component(name "${file}" NAME)
  file(SIZE "${FROM}/${file}" size)
  file(READ "${FROM}/${file}" hex HEX)
  # Lines of 64 bytes: neighbouring literals are one literal.
  string(REGEX REPLACE "(..)" "\\\\x\\1" escaped "${hex}")
  string(REPEAT "." 256 line)
  string(REGEX REPLACE "(${line})" "\\1\"\n    \"" escaped "${escaped}")
  string(APPEND arrays "constexpr char kBytes${number}[] =\n    \"${escaped}\";\n")
  string(APPEND table "    {\"${name}\", std::string_view(kBytes${number}, ${size})},\n")
  math(EXPR number "${number} + 1")
endforeach()

if(number EQUAL 0)
  set(body "std::span<const EmbeddedFile> ${NAME}() { return {}; }")
else()
  set(body "namespace {
${arrays}
constexpr EmbeddedFile kFiles[] = {
${table}};
}  // namespace

std::span<const EmbeddedFile> ${NAME}() { return kFiles; }")
endif()

set(header "// Made by tools/cmake/Embed.cmake.
#pragma once

#include <span>

#include \"shared/base/embedded.h\"

namespace lalanh::embedded {

// The embedded files, sorted by path; they live as long as the program.
std::span<const EmbeddedFile> ${NAME}();

}  // namespace lalanh::embedded
")
set(source "// Made by tools/cmake/Embed.cmake.
#include \"embedded/${NAME}.h\"

namespace lalanh::embedded {

${body}

}  // namespace lalanh::embedded
")
file(MAKE_DIRECTORY "${OUT}")
file(WRITE "${OUT}/${NAME}.h" "${header}")
file(WRITE "${OUT}/${NAME}.cpp" "${source}")
