"""Passes of other programs: the Windows cross compiler, clang-format, clang-tidy.

What passed is remembered in build/lint/passed under a hash of all that was read, so a second run
looks only at what changed.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from tree import File, Report, Tree, in_folders

RULES = {
    "windows": "shared/ and sync/ (its link aside) compile for Windows",
    "format": "clang-format; tools/lint --fix PATH rewrites",
}

JOBS = 2
MINGW = "x86_64-w64-mingw32-g++-posix"
MINGW_FLAGS = [
    "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror=return-type",
    "-D_WIN32_WINNT=0x0A00", "-DUNICODE", "-D_UNICODE", "-DNOMINMAX", "-DWIN32_LEAN_AND_MEAN",
    "-DSODIUM_STATIC"]
# The only headers of this machine that the cross compiler may see: glibc's must not get mixed in.
LINKED = ["sodium", "sodium.h", "zstd.h", "zdict.h", "zstd_errors.h", "utf8proc.h", "nlohmann", "CLI"]
STD_HEADER = "tools/lint.d/windows_std.h"
PRECOMPILE_FROM = 6  # precompiling costs as much as it saves on so many files
SQLITE = "tools/sqlite/node_modules/better-sqlite3-multiple-ciphers/deps/sqlite3/sqlite3.h"


class Passed:
    """Hashes of what was found good."""

    def __init__(self, tree: Tree):
        self._folder = tree.root / "build/lint/passed"
        self._folder.mkdir(parents=True, exist_ok=True)

    def has(self, key: str) -> bool:
        return (self._folder / key).exists()

    def add(self, key: str) -> None:
        (self._folder / key).touch()


def _version(program: str) -> str:
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout


def _each(work, items) -> None:
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(work, items))


def _closure(tree: Tree, file: File) -> list[File]:
    """The file and all of ours that it includes, at any depth."""
    seen, todo = {}, [file]
    while todo:
        at = todo.pop()
        if at.path not in seen:
            seen[at.path] = at
            todo += [tree.by_path[n] for _, n, quoted in at.includes if quoted and n in tree.by_path]
    return [seen[path] for path in sorted(seen)]


def _lay_includes(tree: Tree, files: list[File]) -> str:
    """Makes build/lint/include: links to the libraries, and the headers that lalanh_embed makes."""
    folder = tree.root / "build/lint/include"
    (folder / "embedded").mkdir(parents=True, exist_ok=True)
    links = {name: f"/usr/include/{name}" for name in LINKED}
    links["sqlite3.h"] = str(tree.root / SQLITE)
    (folder / "openssl").mkdir(exist_ok=True)
    for header in sorted(pathlib.Path("/usr/include").glob("openssl/*.h")) + sorted(
            pathlib.Path("/usr/include").glob("*-linux-gnu*/openssl/*.h")):
        links[f"openssl/{header.name}"] = str(header)  # Debian keeps what differs by machine apart
    for name, target in links.items():
        link = folder / name
        if not (link.is_symlink() and os.readlink(link) == target):
            fresh = folder / f"{name}.{os.getpid()}"
            fresh.symlink_to(target)
            fresh.replace(link)
    script = tree.root / "tools/cmake/Embed.cmake"
    wanted = {name for f in files for _, name, _ in f.includes if name.startswith("embedded/")}
    for name in sorted(wanted):
        made = folder / name
        if not made.exists() or made.stat().st_mtime < script.stat().st_mtime:
            subprocess.run(["cmake", f"-DNAME={made.stem}", "-DFROM=", "-DFILES=", f"-DOUT={made.parent}",
                            "-P", str(script)], check=True, capture_output=True)
    return str(folder)


def _precompile(tree: Tree, basis: str) -> str:
    """Precompiles the standard headers, once for each compiler; the name to -include."""
    header = tree.root / STD_HEADER
    key = hashlib.sha256(basis.encode() + header.read_bytes()).hexdigest()[:16]
    folder = tree.root / "build/lint/std" / key
    name = os.path.relpath(folder / header.name, tree.root)
    made = folder / f"{header.name}.gch"
    if not made.exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(header, folder / header.name)
        fresh = folder / f"{os.getpid()}.tmp"
        flags = [flag for flag in MINGW_FLAGS if flag != "-fsyntax-only"]
        subprocess.run([MINGW, *flags, "-x", "c++-header", name, "-o", str(fresh)], cwd=tree.root, check=True,
                       capture_output=True)
        fresh.replace(made)
    return name


def _check_windows(tree: Tree, report: Report, passed: Passed) -> None:
    files = [f for f in tree.cpp("shared", "sync")
             if f.suffix == ".cpp" and not in_folders(f, "sync/link")
             and not re.search(r"_(posix|linux|wasm)\.cpp$", f.name) and tree.is_selected(f.path)]
    if not files:
        return
    if not shutil.which(MINGW):
        report.add("tools/packages", 1, "windows", f"{MINGW} is missing; run tools/packages as root")
        return
    if not (tree.root / SQLITE).exists():
        report.add("tools/sqlite/package.json", 1, "windows", "sqlite3.h is missing; configure once: cmake --preset debug")
        return
    folder = _lay_includes(tree, tree.cpp("shared", "sync"))
    command = [MINGW, *MINGW_FLAGS, "-I", ".", "-isystem", os.path.relpath(folder, tree.root)]
    basis = _version(MINGW) + " ".join(command) + (tree.root / "tools/sqlite/package-lock.json").read_text()

    todo: list[tuple[File, str]] = []
    for file in files:
        digest = hashlib.sha256(basis.encode())
        for part in _closure(tree, file):
            digest.update(part.path.encode() + b"\0" + part.raw)
        key = "windows-" + digest.hexdigest()[:40]
        if not passed.has(key):
            todo.append((file, key))
    if len(todo) > PRECOMPILE_FROM:
        command += ["-include", _precompile(tree, basis)]

    def compile_one(item: tuple[File, str]) -> None:
        file, key = item
        done = subprocess.run([*command, file.path], cwd=tree.root, capture_output=True, text=True, check=False,
                              env={**os.environ, "LC_ALL": "C"})
        if done.returncode == 0:
            passed.add(key)
            return
        errors = re.findall(r"^([^\s:]+):(\d+):(?:\d+:)? (?:fatal )?error: (.*)$", done.stderr, re.M)
        for path, line, message in errors[:5]:
            report.add(path, int(line), "windows", f"{message} (compiling {file.path} for Windows)")
        if not errors:
            report.add(file.path, 1, "windows", done.stderr.strip()[-300:] or "the compiler failed")

    _each(compile_one, todo)


def _check_format(tree: Tree, report: Report, passed: Passed) -> None:
    if not shutil.which("clang-format"):
        report.add("tools/packages", 1, "format", "clang-format is missing; run tools/packages as root")
        return
    basis = _version("clang-format") + (tree.root / ".clang-format").read_text()

    def key_of(file: File) -> str:
        return "format-" + hashlib.sha256(basis.encode() + file.raw).hexdigest()[:40]

    def format_one(file: File) -> None:
        done = subprocess.run(["clang-format", "--dry-run", "--Werror", file.path], cwd=tree.root,
                              capture_output=True, text=True, check=False)
        if done.returncode == 0:
            passed.add(key_of(file))
            return
        lines = re.findall(r"^[^\s:]+:(\d+):\d+: error:", done.stderr, re.M)
        report.add(file.path, int(lines[0]) if lines else 1, "format",
                   f"{len(lines)} places differ from clang-format; run tools/lint --fix {file.path}")

    _each(format_one, [f for f in tree.cpp() if tree.is_selected(f.path) and not passed.has(key_of(f))])


def check(tree: Tree, report: Report) -> None:
    passed = Passed(tree)
    _check_format(tree, report, passed)
    _check_windows(tree, report, passed)


def fix_format(tree: Tree) -> None:
    files = [f.path for f in tree.cpp() if tree.is_selected(f.path)]
    if files:
        subprocess.run(["clang-format", "-i", *files], cwd=tree.root, check=True)


def tidy(tree: Tree) -> int:
    """clang-tidy over the selected .cpp files, or over those that differ from the last commit."""
    commands = tree.root / "build/debug/compile_commands.json"
    if not shutil.which("clang-tidy") or not commands.exists():
        print("lint: --tidy needs clang-tidy (tools/packages fuzz) and a configured build/debug", file=sys.stderr)
        return 2
    changed = subprocess.run(["git", "status", "--porcelain", "-uall", "--no-renames"], cwd=tree.root, capture_output=True,
                             text=True, check=True).stdout
    names = {line[3:] for line in changed.splitlines()}
    compiled = {os.path.relpath(entry["file"], tree.root) for entry in json.loads(commands.read_text())}
    files = [f.path for f in tree.selected_files() if f.path in compiled and (tree.only or f.path in names)]
    status = 0

    def tidy_one(path: str) -> None:
        nonlocal status
        done = subprocess.run(["clang-tidy", "-p", str(commands.parent), "--quiet", path], cwd=tree.root,
                              capture_output=True, text=True, check=False)
        if done.stdout.strip():
            status = 1
            print(done.stdout.replace(f"{tree.root}/", ""), end="")

    _each(tidy_one, files)
    print(f"lint: clang-tidy over {len(files)} files")
    return status
