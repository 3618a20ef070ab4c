"""Calls and types that are not to be used, each with what to use instead."""
import re

from tree import Report, Tree, in_folders

CORE = ("shared", "sync/session", "sync/bundle")
PORTABLE = ("shared", "sync", "client")
OURS = ("shared", "sync", "client", "server")
ALL = ("shared", "sync", "client", "server", "tools", "tests")
PLATFORM = ("shared/platform",)
# Adapters: where an exception of a library is caught, or must be thrown to it.
ADAPTERS = ("client/http", "server/http", "server/postgres", "sync/link")

# (rule, folders, folders left out, pattern, what to do instead)
_BANNED = [
    ("clock", CORE, PLATFORM,
     r"\b(system_clock|steady_clock|high_resolution_clock|gettimeofday|clock_gettime|timespec_get)\b"
     r"|\bstd::time\s*\(|(?<![\w.>:])time\s*\(\s*(nullptr|NULL|0|&\w+)\s*\)",
     "take a Clock (shared/base/ports.h) in the constructor"),
    ("random", CORE, PLATFORM,
     r"\bstd::(rand|srand|random_device|mt19937(_64)?|default_random_engine)\b|(?<![\w.>:])s?rand\s*\(",
     "take a Random (shared/base/ports.h) in the constructor"),
    ("environment", CORE, PLATFORM, r"\b(secure_)?getenv\b|\bsetenv\b|\bstd::system\b|(?<![\w.>:])system\s*\(",
     "read it in the program's start and pass it in"),
    ("locale", PORTABLE, (), r"\bstd::locale\b|\bsetlocale\b|\bstd::(tolower|toupper|isalpha|isspace)\b"
     r"|(?<![\w.>:])(tolower|toupper|isalpha|isspace)\s*\(",
     "locales differ by machine, and Windows has none of ours: compare ASCII by hand, "
     "Vietnamese through shared's own folding"),
    ("time-format", CORE, PLATFORM, r"\b(strftime|strptime|localtime(_r|_s)?|gmtime(_r|_s)?|mktime|timegm|put_time|get_time)\b",
     "Vietnam is UTC+7 without DST: shared/base/calendar.h"),
    ("file", PORTABLE, PLATFORM,
     r"\b(fopen|freopen|tmpfile|mkstemp)\s*\(|\bstd::([io]?fstream|filebuf)\b|#\s*include\s*<fstream>",
     "take a Files (shared/base/ports.h): names are UTF-8 on Windows too, writes are durable"),
    ("file", CORE, PLATFORM,
     r"\b(fs|filesystem)::(exists|remove(_all)?|rename|create_director(y|ies)|file_size|copy(_file)?|resize_file"
     r"|(recursive_)?directory_iterator|temp_directory_path|current_path|absolute|canonical|status|is_\w+)\b",
     "take a Files (shared/base/ports.h)"),
    ("long", CORE, (), r"\blong\b", "4 bytes on Windows and in a browser: std::int64_t or std::uint64_t"),
    ("thread", CORE, PLATFORM,
     r"\bstd::(thread|jthread|async|this_thread|condition_variable(_any)?|stop_token)\b",
     "shared/ and sync/ start no threads: return to the caller, who owns them"),
    ("unbounded", ALL, (),
     r"(?<![\w.>:])(std::)?(v?sprintf|strcpy|strcat|stpcpy|gets|strtok|scanf|sscanf|fscanf|alloca)\s*\(",
     "std::string, std::to_chars, or a reader with a bound"),
    ("number", OURS, (), r"(?<![\w.>])(std::)?(ato[ifl]l?|strto[dfl]|strtou?ll?|sto[idf]|stou?ll?)\s*\(",
     "std::from_chars over the whole text, checking the end and the error"),
    ("path-string", OURS, PLATFORM, r"\.(generic_)?string\(\)",
     "mojibake on Windows: u8() and from_u8() of shared/platform"),
    ("regex", OURS, (), r"\bstd::w?regex\b|#\s*include\s*<regex>",
     "recursion as deep as the input is long: write the few lines of a parser"),
    ("subset", CORE, (),
     r"\bstd::(ranges::[a-z]\w*|views::\w+|bit_cast|jthread|stop_token|source_location|osyncstream|weak_order"
     r"|strong_ordering|partial_ordering|weak_ordering)\b(?<!ranges::range)|<=>|\bco_(await|yield|return)\b"
     r"|#\s*include\s*<(ranges|coroutine|source_location|syncstream|format|expected|stop_token)>",
     "not in the browser's library: <algorithm> with begin/end, std::memcpy, std::tie"),
    ("throw", OURS, ADAPTERS, r"\bthrow\b", "return Result<T> (shared/base/result.h); CHECK for programming errors"),
    ("catch-all", CORE, PLATFORM, r"\bcatch\s*\(\s*\.\.\.\s*\)",
     "catch the library's own exception where it is called and return an Error"),
    ("assert", OURS, (), r"(?<![\w_])assert\s*\(|#\s*include\s*<cassert>", "CHECK (shared/base/check.h), on in every build"),
    ("float", ("shared/event", "shared/merge"), (), r"\b(float|double)\b", "no floats in events: scaled integers"),
    ("windows-name", CORE, (), r"\b(ERROR|DELETE|IN|OUT|VOID|IGNORE|STRICT|near|far|interface|small)\b\s*[,=;}({]",
     "a macro of windows.h; choose another name (kError, remove, ...)"),
    ("new", OURS, ADAPTERS,
     r"^(?!.*(unique_ptr|shared_ptr)).*\S.*(?<![\w.>:])new\s+[A-Z]\w*|(?<![\w.>:=])\bdelete\s+\w",
     "std::make_unique, or std::unique_ptr<T>(new T) where the constructor is private"),
    ("using-std", ALL, (), r"^\s*using\s+namespace\s+std\s*;", "write std::"),
]

RULES = {}
for _rule, _folders, _, _, _instead in _BANNED:
    RULES.setdefault(_rule, f"in {', '.join(_folders)}: {_instead}")

_COMPILED = [(r, folders, out, re.compile(p), instead) for r, folders, out, p, instead in _BANNED]


def check(tree: Tree, report: Report) -> None:
    for file in tree.cpp():
        rules = [c for c in _COMPILED if in_folders(file, *c[1]) and not in_folders(file, *c[2])]
        if "filesystem" not in file.text:
            rules = [c for c in rules if c[0] != "path-string"]
        for number, line in enumerate(file.code, 1):
            for rule, _, _, pattern, instead in rules:
                match = pattern.search(line)
                if match:
                    report.add(file.path, number, rule, f"`{match[0].strip()}`: {instead}")
