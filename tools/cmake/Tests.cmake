# How test files become programs and ctest entries. Every entry has a TIMEOUT.

set(LALANH_UNIT_TIMEOUT 60)
set(LALANH_INTEGRATION_TIMEOUT 300)
if(LALANH_SANITIZE)
  set(LALANH_UNIT_TIMEOUT 300)
  set(LALANH_INTEGRATION_TIMEOUT 900)
endif()

# One line a report; a leak or a race fails the test that has it.
set(LALANH_TEST_ENVIRONMENT
  "LALANH_BIN=${CMAKE_BINARY_DIR}/bin"
  "ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1"
  "UBSAN_OPTIONS=print_stacktrace=1"
  "TSAN_OPTIONS=halt_on_error=1:suppressions=${CMAKE_SOURCE_DIR}/tests/support/tsan.supp")

# lalanh_tests([DEPS <targets...>])
# makes test_<folder> of the *_test.cpp in the current folder, which mirrors a source folder:
# tests/unit/shared/base -> test_shared_base, linked with shared_base. Called for every such folder
# by tests/CMakeLists.txt; a folder that needs more targets calls it in a CMakeLists.txt of its own.
# Each TEST_CASE becomes a ctest entry "<folder>: <its sentence>". It runs in the project's folder:
# a file it reads is named from there.
function(lalanh_tests)
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  file(RELATIVE_PATH path "${CMAKE_SOURCE_DIR}/tests/unit" "${CMAKE_CURRENT_LIST_DIR}")
  lalanh_tests_of("${path}" ${arg_DEPS})
endfunction()

function(lalanh_tests_of path)
  string(REPLACE "/" "_" folder "${path}")
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/unit/${path}/*_test.cpp")
  if(NOT TARGET ${folder} AND NOT ARGN)
    message(FATAL_ERROR "tests/unit/${path}: there is no target ${folder} to test; "
      "if that is meant, write a CMakeLists.txt there with lalanh_tests(DEPS ...)")
  endif()
  lalanh_program(test_${folder} SOURCES ${sources} $<TARGET_OBJECTS:test_main>
    DEPS $<TARGET_NAME_IF_EXISTS:${folder}> ${ARGN} test_support dep::catch2)
  # NoTests: a name that ctest's list garbles (";" splits it) matches nothing, and must not pass.
  # Catch's list of properties is split four times on its way: without the escapes only the first
  # variable arrives.
  string(REPLACE ";" "\\\\\\\\;" environment "${LALANH_TEST_ENVIRONMENT}")
  catch_discover_tests(test_${folder} TEST_PREFIX "${folder}: " EXTRA_ARGS --warn NoTests
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}"
    PROPERTIES TIMEOUT ${LALANH_UNIT_TIMEOUT} LABELS unit ENVIRONMENT "${environment}")
endfunction()

# lalanh_fuzz([DEPS <targets...>] [MUTATIONS <name>=<number>...])
# tests/fuzz/<path>/<name>_fuzz.cpp -> fuzz_<folder>_<name>, linked with <folder>'s target. Each file
# defines LLVMFuzzerTestOneInput. Called for every folder that has some; one that needs more calls it
# in a CMakeLists.txt of its own. The `fuzz` preset links libFuzzer; every other build links
# tests/fuzz/main, and has a ctest entry of a fixed number of mutations for each target.
function(lalanh_fuzz)
  cmake_parse_arguments(arg "" "" "DEPS;MUTATIONS" ${ARGN})
  file(RELATIVE_PATH path "${CMAKE_SOURCE_DIR}/tests/fuzz" "${CMAKE_CURRENT_LIST_DIR}")
  lalanh_fuzz_of("${path}" DEPS ${arg_DEPS} MUTATIONS ${arg_MUTATIONS})
endfunction()

set(LALANH_FUZZ_MUTATIONS 8000)  # half a second for most
function(lalanh_fuzz_of path)
  cmake_parse_arguments(arg "" "" "DEPS;MUTATIONS" ${ARGN})
  string(REPLACE "/" "_" folder "${path}")
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/fuzz/${path}/*_fuzz.cpp")
  foreach(source IN LISTS sources)
    get_filename_component(name "${source}" NAME_WE)
    string(REGEX REPLACE "_fuzz$" "" name "${name}")
    set(program fuzz_${folder}_${name})
    if(LALANH_FUZZ)
      lalanh_program(${program} SOURCES "${source}" DEPS ${folder} ${arg_DEPS})
      target_link_options(${program} PRIVATE -fsanitize=fuzzer)
      continue()
    endif()
    lalanh_program(${program} SOURCES "${source}" $<TARGET_OBJECTS:fuzz_main> DEPS ${folder} ${arg_DEPS})
    set(mutations ${LALANH_FUZZ_MUTATIONS})
    foreach(own IN LISTS arg_MUTATIONS)
      if(own MATCHES "^${name}=([0-9]+)$")
        set(mutations ${CMAKE_MATCH_1})
      endif()
    endforeach()
    if(LALANH_SANITIZE)
      math(EXPR mutations "${mutations} / 5 + 1")
    endif()
    set(data "${CMAKE_SOURCE_DIR}/tests/fuzz/${path}")
    set(entry "fuzz: ${folder}_${name}: corpus and ${mutations} mutations")
    add_test(NAME "${entry}" COMMAND ${program} --corpus "${data}/corpus/${name}"
      --dictionary "${data}/${name}.dict" --mutations ${mutations}
      --keep "${CMAKE_BINARY_DIR}/${program}-failed")
    set_tests_properties("${entry}" PROPERTIES LABELS fuzz TIMEOUT ${LALANH_UNIT_TIMEOUT}
      ENVIRONMENT "${LALANH_TEST_ENVIRONMENT}")
  endforeach()
endfunction()
