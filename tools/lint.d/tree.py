"""The files of the project, their text with and without comments, and the list of findings."""
import functools
import pathlib
import re
import subprocess

CPP = (".cpp", ".h")
BINARY = (".png", ".ico", ".bin", ".zdict", ".zst", ".woff2", ".xlsx", ".db", ".gz", ".seg", ".wasm",
          ".llb", ".llbak", ".llticket", ".llreq", ".llcert", ".key")

# Inputs of fuzzers: any bytes, under any name.
FUZZ_INPUT = re.compile(r"tests/fuzz/.*/corpus/")

# Comments, raw strings, strings, characters (not the ' in 1'000).
_TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"([^()\\ ]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'", re.S)
_ALLOW = re.compile(r"lint: allow ([\w-]+)(?: because (\S.*?))?\s*(?:-->|\*/)?\s*$")


def _blank(match: re.Match) -> str:
    text = match.group(0)
    kept = '""' if text[0] in '"R' else "0" if text[0] == "'" else " "
    return kept + "\n" * text.count("\n")


class File:
    """One file of the tree; everything is read and computed once, when asked for."""

    def __init__(self, root: pathlib.Path, path: str):
        self.path = path
        self.full = root / path
        self.name = path.rsplit("/", 1)[-1]
        self.folder = path.rsplit("/", 1)[0] if "/" in path else ""
        self.suffix = pathlib.PurePosixPath(path).suffix
        self.is_cpp = self.suffix in CPP

    @functools.cached_property
    def raw(self) -> bytes:
        return self.full.read_bytes()

    @functools.cached_property
    def is_binary(self) -> bool:
        return (self.suffix in BINARY or FUZZ_INPUT.match(self.path) is not None
                or b"\0" in self.raw[:8192])

    @functools.cached_property
    def text(self) -> str:
        return "" if self.is_binary else self.raw.decode("utf-8", "replace")

    @functools.cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @functools.cached_property
    def code(self) -> list[str]:
        """The lines of a C++ file without comments and the insides of strings."""
        return _TOKENS.sub(_blank, self.text).split("\n")

    @functools.cached_property
    def includes(self) -> list[tuple[int, str, bool]]:
        """(line, name, quoted) of each #include."""
        found = []
        for number, line in enumerate(self.lines, 1):
            match = re.match(r'\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', line)
            if match:
                found.append((number, match[1] or match[2], match[1] is not None))
        return found

    @functools.cached_property
    def allows(self) -> dict[int, tuple[str, str | None]]:
        found = {}
        if "lint: allow" in self.text and self.suffix != ".py" and self.path != "tools/lint":
            for number, line in enumerate(self.lines, 1):
                match = _ALLOW.search(line)
                if match:
                    found[number] = (match[1], match[2])
        return found


class Tree:
    """All files that git tracks or would track."""

    def __init__(self, root: pathlib.Path, only: list[str]):
        self.root = root
        self.only = [self._relative(path) for path in only]
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "-z"],
            cwd=root, capture_output=True, check=True).stdout.decode().split("\0")
        names = sorted({n for n in listed if n and (root / n).is_file()})
        self.files = [File(root, name) for name in names]
        self.by_path = {file.path: file for file in self.files}

    def _relative(self, path: str) -> str:
        full = pathlib.Path(path).resolve()
        return full.relative_to(self.root).as_posix() if full.is_relative_to(self.root) else path

    def is_selected(self, path: str) -> bool:
        return not self.only or any(
            only == "." or path == only or path.startswith(only + "/") for only in self.only)

    def selected_files(self) -> list[File]:
        return [file for file in self.files if self.is_selected(file.path)]

    def cpp(self, *folders: str) -> list[File]:
        """The C++ files under these folders; all, without folders."""
        return [f for f in self.files if f.is_cpp and (not folders or in_folders(f, *folders))]


def in_folders(file: File, *folders: str) -> bool:
    return any(file.path.startswith(folder + "/") for folder in folders)


class Report:
    """Findings, less those that a comment allows."""

    def __init__(self, tree: Tree):
        self._tree = tree
        self._found: set[tuple[str, int, str, str, bool]] = set()
        self._used: set[tuple[str, int]] = set()

    def add(self, path: str, line: int, rule: str, message: str, warning: bool = False) -> None:
        file = self._tree.by_path.get(path)
        if file:
            for at in (line, line - 1):
                allow = file.allows.get(at)
                alone = at == line or re.match(r"\s*(//|#|--|<!--|/\*)", file.lines[at - 1])
                if allow and allow[0] == rule and allow[1] and alone:
                    self._used.add((path, at))
                    return
        if self._tree.is_selected(path):
            self._found.add((path, line, rule, message, warning))

    def add_for_file(self, path: str, rule: str, message: str, warning: bool = False) -> None:
        """A finding about a whole file: an allowance anywhere in its first 15 lines counts."""
        file = self._tree.by_path[path]
        for at, allow in file.allows.items():
            if at <= 15 and allow[0] == rule and allow[1]:
                self._used.add((path, at))
                return
        self.add(path, 1, rule, message, warning)

    def check_allows(self, rules: set[str], fast: bool, slow_rules) -> None:
        for file in self._tree.files:
            for line, (rule, reason) in file.allows.items():
                if rule not in rules:
                    self.add(file.path, line, "allow", f"there is no rule '{rule}'; see tools/lint --rules")
                elif not reason:
                    self.add(file.path, line, "allow", "say why: lint: allow <rule> because <reason>")
                elif (file.path, line) not in self._used and not (fast and rule in slow_rules):
                    self.add(file.path, line, "allow", f"nothing here breaks '{rule}'; remove the comment")

    @property
    def error_count(self) -> int:
        return sum(not found[4] for found in self._found)

    @property
    def warning_count(self) -> int:
        return sum(found[4] for found in self._found)

    def print(self) -> None:
        for path, line, rule, message, warning in sorted(self._found):
            print(f"{path}:{line}: {'warning: ' if warning else ''}{rule}: {message}")
