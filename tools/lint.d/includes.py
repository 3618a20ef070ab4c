"""Which folder may include which, and which libraries are known where."""
import re

from tree import File, Report, Tree, in_folders

RULES = {
    "include-direction": "shared <- sync <- client | server; within both the order of the root CMakeLists.txt",
    "include-deps": "a folder includes only what its DEPS in CMakeLists.txt reach",
    "include-path": "quoted includes start at the repository root and exist",
    "include-library": "which libraries a folder may know",
    "include-json": "nlohmann/json.hpp stays out of headers",
    "include-system": "headers of an operating system stay in shared/platform",
    "pragma-once": "every header begins with #pragma once",
}

CORE = ("shared", "sync/session", "sync/bundle")

# What the core may include beside the standard library: what also builds for Windows and a browser.
CORE_LIBRARIES = re.compile(
    r"(sqlite3\.h|sodium\.h|zstd\.h|zdict\.h|zstd_errors\.h|utf8proc\.h|CLI/CLI\.hpp|nlohmann/json(_fwd)?\.hpp)$")
LIBRARY = re.compile(r"(.*/|.*\.h(pp)?$)")
C_HEADERS = re.compile(r"(assert|ctype|errno|limits|math|std\w+|string|inttypes|float)\.h$")
SYSTEM = re.compile(
    r"(windows|winsock2|ws2tcpip|shlobj|shellapi|unistd|fcntl|pthread|poll|dirent|termios|signal|pwd"
    r"|grp|dlfcn|sched|netdb|syslog|spawn)\.h$|(sys|netinet|arpa|linux|net)/")
# Outside shared/platform, file by file, with the reason.
SYSTEM_ALLOWED = {
    "server/http/http_server.cpp": "options of the listening socket that Poco does not offer",
    "server/http/timed_socket.cpp": "a deadline for a whole request, which Poco's sockets do not have",
}


def _cmake_order(tree: Tree, name: str) -> list[str]:
    match = re.search(rf"set\({name}\s+([^)]*)\)", tree.by_path["CMakeLists.txt"].text)
    return match[1].split() if match else []


def module_of(path: str) -> str:
    """shared/base/x.h -> shared/base; client/app/x.h -> client/app; a/x.h -> a."""
    parts = path.split("/")
    return "/".join(parts[:2]) if len(parts) > 2 else parts[0]


def _why_not(source: str, target: str, orders: dict[str, list[str]]) -> str | None:
    """Why a file of module `source` may not include one of `target`; None where it may."""
    if source == target or source.startswith(("tests", "tools")):
        return None
    top, target_top = source.split("/")[0], target.split("/")[0]
    if target_top in ("tests", "tools"):
        return f"{top}/ never includes {target_top}/"
    if top == "shared":
        if target_top != "shared":
            return "shared/ knows no other folder; pass what it needs in through a port"
        order = orders["shared"]
        names = [name.split("/")[1] for name in (source, target)]
        if all(name in order for name in names) and order.index(names[1]) > order.index(names[0]):
            return f"in shared/ the order is {' '.join(order)}; move the code down or pass it in"
        return None
    if top == "sync":
        if target_top not in ("shared", "sync"):
            return "sync/ includes shared/ and sync/ alone"
        names = [name.split("/")[-1] for name in (source, target)]
        order = orders["sync"]
        if target_top == "sync" and order.index(names[1]) > order.index(names[0]):
            return f"in sync/ the order is {' '.join(order)}; move the code down or pass it in"
        return None
    if top in ("client", "server") and target_top in ("client", "server") and top != target_top:
        return "client/ and server/ never include each other; what both need goes to shared/"
    return None


def _dependencies(tree: Tree) -> dict[str, set[str]]:
    """Target -> all targets its DEPS reach, itself included."""
    direct: dict[str, set[str]] = {}
    for file in tree.files:
        if file.name == "CMakeLists.txt":
            text = re.sub(r"#[^\n]*", "", file.text)
            for name, body in re.findall(r"lalanh_folder\(\s*(\w+)([^)]*)\)", text):
                deps = re.search(r"\bDEPS\b(.*?)(\bEMBED\b|$)", body, re.S)
                direct[name] = set(deps[1].split()) if deps else set()
    reached = {}
    for name in direct:
        todo, seen = [name], set()
        while todo:
            at = todo.pop()
            if at not in seen:
                seen.add(at)
                todo += direct.get(at, ())
        reached[name] = seen
    return reached


def _check_quoted(tree: Tree, report: Report, file: File, line: int, name: str, orders, reached) -> None:
    if name.startswith("embedded/"):
        return
    if name not in tree.by_path:
        report.add(file.path, line, "include-path",
                   f'no "{name}"; quoted includes start at the repository root, <...> is for libraries')
        return
    source, target = module_of(file.path), module_of(name)
    reason = _why_not(source, target, orders)
    if reason:
        report.add(file.path, line, "include-direction", f"{source} -> {target}: {reason}")
        return
    target_name = file.folder.replace("/", "_")
    wanted = name.rsplit("/", 1)[0].replace("/", "_")
    if target_name in reached and wanted in reached and wanted not in reached[target_name]:
        report.add(file.path, line, "include-deps",
                   f"add {wanted} to DEPS in {file.folder}/CMakeLists.txt, or do not include it")


def _check_library(report: Report, file: File, line: int, name: str) -> None:
    if SYSTEM.match(name):
        if not in_folders(file, "shared/platform", "tests", "tools") and file.path not in SYSTEM_ALLOWED:
            report.add(file.path, line, "include-system",
                       f"<{name}> belongs to shared/platform; use or extend its port")
        return
    if name == "nlohmann/json.hpp" and file.suffix == ".h" and not in_folders(file, "tests", "tools"):
        report.add(file.path, line, "include-json",
                   "costs 2 s in every file that includes this header; nlohmann/json_fwd.hpp, or a type of ours")
    if in_folders(file, *CORE) and not in_folders(file, "shared/platform") and LIBRARY.match(name) and not CORE_LIBRARIES.match(name):
        if not C_HEADERS.match(name):
            report.add(file.path, line, "include-library",
                       f"<{name}>: shared/ and sync/ (its link and TLS aside) know the standard library, SQLite, "
                       "libsodium, zstd, utf8proc and nlohmann/json; use a port")
    if name.startswith("CLI/") and not in_folders(file, "shared/console", "client/app", "server/app", "tests", "tools"):
        report.add(file.path, line, "include-library", "command lines are shared/console's and the programs'")
    if name.startswith("Poco/") and not in_folders(file, "server", "tests", "tools"):
        report.add(file.path, line, "include-library", "Poco is server/'s; Beast is client/'s and sync/link's")
    if name.startswith("boost/") and not in_folders(file, "client", "sync/link", "tests", "tools"):
        report.add(file.path, line, "include-library", "Beast is client/'s and sync/link's; Poco is server/'s")
    if name.startswith("openssl/") and not in_folders(file, "sync/tls", "sync/link", "server/http", "tests", "tools"):
        report.add(file.path, line, "include-library", "TLS is sync/tls's and the two ends of the link's; signatures are shared/trust's")
    if name == "sqlite3.h" and not in_folders(file, "shared/store", "tests", "tools"):
        report.add(file.path, line, "include-library", "SQLite is behind shared/store; use its classes")


def check(tree: Tree, report: Report) -> None:
    orders = {top: _cmake_order(tree, f"LALANH_{top.upper()}_ORDER") for top in ("shared", "sync")}
    reached = _dependencies(tree)
    for file in tree.cpp():
        for line, name, quoted in file.includes:
            if quoted:
                _check_quoted(tree, report, file, line, name, orders, reached)
            else:
                _check_library(report, file, line, name)
        if file.suffix == ".h" and "#pragma once" not in file.text:
            report.add(file.path, 1, "pragma-once", "begin the header with #pragma once")
