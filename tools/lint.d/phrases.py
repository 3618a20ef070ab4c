"""Words of the code inside a message are said in both languages."""
import re

from tree import Report, Tree, in_folders

RULES = {
    "phrase": "a literal that becomes part of a message has its Vietnamese in shared/base/phrases.def",
}

OURS = ("shared", "sync", "client", "server")
TABLE = "shared/base/phrases.def"
_KNOWN = re.compile(r'^X\("([^"]+)", "', re.M)
_CONTEXT = re.compile(r'\{"(?:why|action|expected)",\s*"([^"]+)"\}')
# Errors whose details only the maker of damaged bytes, or of the program, can use.
_DETAIL = re.compile(r"ErrorCode::(format|store)_\w+|ErrorCode::(system_internal|sync_protocol|input_not_json"
                     r"|input_bad_pack|trust_bad_request_signature)")
_CODE = re.compile(r"ErrorCode::\w+")
# Functions of a file that make such an error from one literal.
_MAKERS = {
    "server/http/request_head.cpp": re.compile(r'\bmalformed\("([^"]+)"\)'),
    "sync/link/tcp_socket.cpp": re.compile(r'\bunreachable\("([^"]+)"\)|return "([^"]+)";'),
    "sync/link/tls_stream.cpp": re.compile(r'\bunreachable\("([^"]+)"\)|\? "([^"]+)"'),
    "sync/link/http_connection.cpp": re.compile(r'\bcut\("([^"]+)"\)'),
    "shared/trust/certificate.cpp": re.compile(r'\bbad\("([^"]+)"\)'),
    "server/app/options.cpp": re.compile(r'\busage\(\s*"([^"]+)"\)'),
    "shared/platform/files_posix.cpp": re.compile(r'\b(?:file_error|check_path)\("([^"]+)"'),
    "shared/platform/files_win.cpp": re.compile(r'\b(?:file_error|check_path)\("([^"]+)"'),
}


def _literals(path: str, text: str):
    """(offset, literal) of what must be known."""
    for match in _CONTEXT.finditer(text):
        codes = _CODE.findall(text, max(0, match.start() - 300), match.start())
        if not (codes and _DETAIL.fullmatch(codes[-1])):
            yield match.start(), match[1]
    if path in _MAKERS:
        for match in _MAKERS[path].finditer(text):
            yield match.start(), next(group for group in match.groups() if group)


def check(tree: Tree, report: Report) -> None:
    known = set(_KNOWN.findall(tree.by_path[TABLE].text))
    for path, maker in _MAKERS.items():
        # A maker that has moved away would take its words out of sight, in silence.
        if path not in tree.by_path or not maker.search(tree.by_path[path].text):
            report.add("tools/lint.d/phrases.py", 1, "phrase", f"{path} makes no such error any more; mend _MAKERS")
    for file in tree.cpp():
        if not in_folders(file, *OURS):
            continue
        for offset, literal in _literals(file.path, file.text):
            if literal not in known:
                line = file.text[:offset].count("\n") + 1
                report.add(file.path, line, "phrase", f"`{literal}`: add it to {TABLE} with its Vietnamese")
