"""Encoding, line ends, and words that have no place in the project."""
import re

from tree import Report, Tree

RULES = {
    "utf8": "text files are UTF-8 without a byte order mark",
    "line-end": "lines end with LF, the last one too; no spaces before it, no tabs in code",
    "machine-path": "no absolute path of the machine it was written on",
    "registry": "no address of a package registry; clients are configured by the machine",
    "lock-address": "lock files carry versions and integrity, no addresses",
}

CODE = (".cpp", ".h", ".cmake", ".py", ".sh", ".sql", ".def", ".ts", ".svelte")
# Written with character classes so that this file does not match itself.
_MACHINE = re.compile(r"(?<![\w.*:/-])/(?:wor[k]|roo[t])(?=[/\s\"'`)]|$)")
_REGISTRY = re.compile(r"https?://[^/\s\"']*(?:registr[y]|mirro[r]|artifactor[y]|nexu[s]|prox[y])[^\s\"']*"
                       r"|^\s*registr[y]\s*=", re.I | re.M)


def check(tree: Tree, report: Report) -> None:
    for file in tree.files:
        if file.is_binary or file.name == "LICENSE" or not file.raw:
            continue
        try:
            file.raw.decode("utf-8")
        except UnicodeDecodeError as error:
            line = file.raw[:error.start].count(b"\n") + 1
            report.add(file.path, line, "utf8", "not UTF-8; binary files carry a suffix named in tools/lint.d/tree.py")
            continue
        if file.text.startswith("\ufeff"):
            report.add(file.path, 1, "utf8", "remove the byte order mark")
        if b"\r\n" in file.raw and "golden" not in file.path and file.suffix != ".csv":
            report.add(file.path, 1, "line-end", "CRLF; end lines with LF")
        if not file.raw.endswith(b"\n"):
            report.add(file.path, len(file.lines), "line-end", "end the last line with a newline")
        for number, line in enumerate(file.lines, 1):
            if file.suffix in CODE:
                if line != line.rstrip():
                    report.add(file.path, number, "line-end", "spaces at the end of the line")
                if "\t" in line:
                    report.add(file.path, number, "line-end", "a tab; write two spaces, or \\t in a string")
            if "/" in line or "\\" in line:
                match = _MACHINE.search(line)
                if match:
                    report.add(file.path, number, "machine-path", f"`{match[0]}`: a path from the repository root")
                match = _REGISTRY.search(line)
                if match:
                    report.add(file.path, number, "registry", "name the package; the machine knows the registry")
            if file.name == "package-lock.json" and '"resolved"' in line:
                report.add(file.path, number, "lock-address",
                           "keep omit-lockfile-registry-resolved=true in .npmrc beside it")
            if file.name == ".npmrc" and line.lstrip().startswith("registry"):
                report.add(file.path, number, "registry", "remove it; the machine knows the registry")
