"""Files that nothing reaches."""
import fnmatch
import re

from tree import File, Report, Tree

RULES = {"dead-file": "every file is reached from a CMake target, another file or the docs"}

# Found by their name or place, by people and programs.
KNOWN = re.compile(
    r"(.*/)?(CMakeLists\.txt|README\.md|\.git(ignore|attributes|keep)|\.npmrc)$"
    r"|(LICENSE|CMakePresets\.json|\.clang-format|\.clang-tidy|\.editorconfig|\.ci/.*|CHANGELOG\.md)$"
    r"|tests/unit/.*_test\.cpp$|tests/integration/[^/]+\.(sh|cpp)$|tests/fuzz/.*(_fuzz\.cpp|\.dict|/corpus/.+)$|tests/golden/formats/"
    r"|shared/web/.*|tools/lint|tools/test|tools/demo|tools/fuzz")


def _cmake_reaches(tree: Tree, file: File) -> bool:
    """Whether a CMakeLists.txt above the file has it by glob, by name or by pattern."""
    folder = file.folder
    while True:
        cmake = tree.by_path.get(f"{folder}/CMakeLists.txt" if folder else "CMakeLists.txt")
        if cmake:
            relative = file.path[len(folder) + 1:] if folder else file.path
            if file.suffix == ".cpp" and folder == file.folder and re.search(r"lalanh_folder\(|GLOB", cmake.text):
                return True
            for word in re.findall(r'[^\s"()]+', cmake.text):
                word = re.sub(r"^\$\{\w+\}/", "", word)
                if word == relative or ("*" in word and fnmatch.fnmatch(relative, word)):
                    return True
        if not folder:
            return False
        folder = folder.rsplit("/", 1)[0] if "/" in folder else ""


def check(tree: Tree, report: Report) -> None:
    included = {name for f in tree.cpp() for _, name, quoted in f.includes if quoted}
    included |= {name for f in tree.files if f.suffix == ".def" for _, name, quoted in f.includes if quoted}
    sources = [(f.path, f.text) for f in tree.files if not f.is_binary and f.suffix not in (".csv", ".jsonl")]

    def mentioned(file: File) -> bool:
        """By its name, by `import name`, or by its folder as a folder ("tests/golden/event/")."""
        words = [rf"(?<![\w.-]){re.escape(file.name if file.suffix else file.path)}(?![\w-])"]
        if file.suffix == ".py":
            words.append(rf"(import|from) {file.name[:-3]}\b")
        if file.suffix == ".cmake":
            words.append(rf"include\({file.name[:-6]}\)")
        if "/" in file.folder:
            words.append(rf"(?<![\w.-]){re.escape(file.folder)}/?(?![\w./-])")
        pattern = re.compile("|".join(words))
        return any(path != file.path and pattern.search(text) for path, text in sources)

    for file in tree.files:
        if KNOWN.match(file.path):
            continue
        if file.suffix in (".h", ".def"):
            if file.path not in included:
                report.add_for_file(file.path, "dead-file", "nothing includes this header; remove it or use it")
        elif file.suffix == ".cpp":
            if not _cmake_reaches(tree, file):
                report.add_for_file(file.path, "dead-file", "no CMake target compiles it; add it or remove it")
        elif not _cmake_reaches(tree, file) and not mentioned(file):
            report.add_for_file(file.path, "dead-file",
                                "no target, file or document names it; name it or remove it")
