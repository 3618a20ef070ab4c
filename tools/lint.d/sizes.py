"""Sizes of files and functions."""
import re

from tree import File, Report, Tree, in_folders

RULES = {
    "file-size": "files stay under about 400 lines (warning) and never pass 500",
    "function-size": "functions stay under about 60 lines (warning) and never pass 90; a TEST_CASE 150",
}

FILE_WARN, FILE_MAX = 400, 500
FUNCTION_WARN, FUNCTION_MAX = 60, 90
TEST_WARN, TEST_MAX = 100, 150
COUNTED = (".cpp", ".h", ".py", ".sh", ".sql", ".cmake", ".ts", ".svelte", ".def")

_NOT_A_FUNCTION = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b(?![^{]*\))|=\s*$|^\s*$")


def functions(file: File) -> list[tuple[int, int, str]]:
    """(first line, number of lines, name) of each function body; braces counted, nothing parsed."""
    found: list[tuple[int, int, str]] = []
    head, head_line = "", 1
    stack: list[tuple[int, str] | None] = []  # for each open brace: the function it opens, or None
    inside = 0
    for number, line in enumerate(file.code, 1):
        if line.lstrip().startswith("#"):
            continue
        for char in line:
            if char == "{":
                name = None
                if not inside and "(" in head and not _NOT_A_FUNCTION.search(head):
                    called = re.search(r"([\w:~]+)\s*\(", head)
                    name = called[1] if called else "?"
                stack.append((head_line, name) if name else None)
                inside += name is not None
                head = ""
            elif char == "}":
                opened = stack.pop() if stack else None
                if opened:
                    inside -= 1
                    found.append((opened[0], number - opened[0] + 1, opened[1]))
                head = ""
            elif char == ";":
                head = ""
            else:
                if not head.strip() and not char.isspace():
                    head, head_line = "", number
                head += char
        head += " "
    return found


def check(tree: Tree, report: Report) -> None:
    for file in tree.files:
        script = file.path.startswith("tools/") and not file.suffix
        if (file.suffix in COUNTED or script) and not file.is_binary:
            count = len(file.lines) - 1
            if count > FILE_WARN:
                report.add_for_file(
                    file.path, "file-size", f"{count} lines, {FILE_WARN} is the aim and {FILE_MAX} the end; "
                    "a file that grows past that asks for a second name", warning=count <= FILE_MAX)
        if file.is_cpp:
            in_tests = in_folders(file, "tests")
            warn, most = (TEST_WARN, TEST_MAX) if in_tests else (FUNCTION_WARN, FUNCTION_MAX)
            for line, length, name in functions(file):
                if length > warn:
                    report.add(file.path, line, "function-size",
                               f"{name}: {length} lines, {warn} is the aim and {most} the end; "
                               "give its parts names", warning=length <= most)
