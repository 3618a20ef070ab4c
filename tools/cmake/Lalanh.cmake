# How folders, programs and tests become targets.
#
#   lalanh_folder(<target> DEPS <targets...> [EMBED <files or patterns...>])
#       One folder, one static library of the *.cpp directly in it (an INTERFACE target if there
#       are none). <target> is the path with underscores: shared_base, sync_session, client_http.
#       Includes start at the repository root: #include "shared/base/result.h".
#       DEPS are linked PUBLIC; tools/lint checks that an include is covered by them.
#       Files named *_posix.cpp or *_linux.cpp are left out on Windows, *_win.cpp elsewhere.
#       EMBED is lalanh_embed(<target> <target> FILES ...).
#
#   lalanh_embed(<target> <name> FILES <files or patterns...>)
#       Puts files into the target: #include "embedded/<name>.h" declares
#       std::span<const EmbeddedFile> lalanh::embedded::<name>(), in the order of their paths,
#       each named without its folder ("0001_log.sql"); empty when a pattern matches nothing.
#       The header is on the target's PRIVATE include path: offer the bytes through an interface
#       of your own.
#
#   lalanh_program(<name> SOURCES <files...> DEPS <targets...>)
#       A program in <build>/bin.

function(lalanh_add_if_present folder)
  if(EXISTS "${CMAKE_SOURCE_DIR}/${folder}/CMakeLists.txt")
    add_subdirectory("${CMAKE_SOURCE_DIR}/${folder}" "${CMAKE_BINARY_DIR}/${folder}")
  endif()
endfunction()

function(lalanh_folder target)
  cmake_parse_arguments(arg "" "" "DEPS;EMBED" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "lalanh_folder(${target}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  file(RELATIVE_PATH path "${CMAKE_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  string(REPLACE "/" "_" expected "${path}")
  if(NOT target STREQUAL expected AND NOT target STREQUAL "test_support")
    message(FATAL_ERROR "lalanh_folder(${target}): the target of ${path} is named ${expected}")
  endif()
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  if(WIN32)
    list(FILTER sources EXCLUDE REGEX "_(posix|linux)\\.cpp$")
  else()
    list(FILTER sources EXCLUDE REGEX "_win\\.cpp$")
  endif()
  if(sources OR arg_EMBED)
    add_library(${target} STATIC ${sources})
    target_include_directories(${target} PUBLIC "${CMAKE_SOURCE_DIR}")
    target_link_libraries(${target} PUBLIC ${arg_DEPS})
    target_compile_options(${target} PRIVATE ${LALANH_WARNINGS})
    set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE "${CMAKE_SOURCE_DIR}")
    target_link_libraries(${target} INTERFACE ${arg_DEPS})
  endif()
  set_property(GLOBAL APPEND PROPERTY LALANH_FOLDERS ${target})
  if(arg_EMBED)
    lalanh_embed(${target} ${target} FILES ${arg_EMBED})
  endif()
endfunction()

function(lalanh_embed target name)
  cmake_parse_arguments(arg "" "" "FILES" ${ARGN})
  set(files "")
  foreach(pattern IN LISTS arg_FILES)
    if(pattern MATCHES "[*?[]")
      file(GLOB matched CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" "${pattern}")
    else()
      cmake_path(ABSOLUTE_PATH pattern OUTPUT_VARIABLE matched)
      cmake_path(RELATIVE_PATH matched BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
    endif()
    list(APPEND files ${matched})
  endforeach()
  if(NOT files)
    # Not an error: a tool built from this tree may be what makes the files (dictionaries).
    message(NOTICE "lalanh_embed(${target} ${name}): no files yet, embedded::${name}() is empty")
  endif()
  list(SORT files)
  list(REMOVE_DUPLICATES files)
  set(names "")
  foreach(file IN LISTS files)
    get_filename_component(file_name "${file}" NAME)
    if(file_name IN_LIST names)
      message(FATAL_ERROR "lalanh_embed(${target} ${name}): two files are named ${file_name}")
    endif()
    list(APPEND names "${file_name}")
  endforeach()
  set(out "${CMAKE_BINARY_DIR}/generated/${target}")
  set(script "${CMAKE_SOURCE_DIR}/tools/cmake/Embed.cmake")
  # A list argument would be split by the shell, so names travel with | between them.
  list(JOIN files "|" joined)
  list(TRANSFORM files PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/" OUTPUT_VARIABLE inputs)
  add_custom_command(
    OUTPUT "${out}/embedded/${name}.h" "${out}/embedded/${name}.cpp"
    COMMAND "${CMAKE_COMMAND}" "-DNAME=${name}" "-DFROM=${CMAKE_CURRENT_SOURCE_DIR}"
      "-DFILES=${joined}" "-DOUT=${out}/embedded" -P "${script}"
    DEPENDS ${inputs} "${script}"
    COMMENT "Embedding ${name}"
    VERBATIM)
  target_sources(${target} PRIVATE "${out}/embedded/${name}.cpp" "${out}/embedded/${name}.h")
  target_include_directories(${target} PRIVATE "${out}")
  # Literals longer than ISO's minimum of 65,536 are what this file is for.
  set_source_files_properties("${out}/embedded/${name}.cpp" PROPERTIES
    COMPILE_OPTIONS "-Wno-overlength-strings;-g0")
endfunction()

function(lalanh_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  if(NOT arg_SOURCES OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "lalanh_program(${name}): SOURCES ... DEPS ..., not ${ARGN}")
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}")
  if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT LALANH_SANITIZE)
    target_link_libraries(${name} PRIVATE dep::mimalloc)  # first: it takes the place of malloc
  endif()
  target_link_libraries(${name} PRIVATE ${arg_DEPS})
  target_compile_options(${name} PRIVATE ${LALANH_WARNINGS})
  set_property(GLOBAL APPEND PROPERTY LALANH_PROGRAMS ${name})
endfunction()
