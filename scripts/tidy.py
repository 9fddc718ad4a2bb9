#!/usr/bin/env python3
"""Style rules as a test: what a reviewer would otherwise have to look for.

Usage: scripts/tidy.py [ROOT]. Prints one line for each finding, with what to do about it, and ends with
status 1 when there is any. The tables below are the rules: change them together with the thing they
describe, and say in the commit why.
"""
import os
import re
import sys
from pathlib import Path

LINE_MAX = 100
TEST_LINE_MAX = 115  # JSON in raw strings reads better unbroken
FUNCTION_MAX = 70
FILE_MAX = 700

SKIPPED_FOLDERS = {".git", "build", "node_modules", "ekiden-data", "vendor", "__pycache__"}

# Who may include whom: pattern of the CMake target, then the folders besides its own target's files.
# A shell may include the machine it wraps; a machine sees no sockets, disk or threads.
BASE = ["core/base"]
MODEL = BASE + ["core/json", "core/model"]
MACHINE = MODEL + ["core/api"]
SHELL = MACHINE + ["core/net", "core/store", "core/runtime", "core/wire", "core/protobuf"]
INCLUDES = [
    ("core_base", []),
    ("core_json", BASE),
    ("core_model", BASE),
    # The same tables are compiled twice: for JSON (core_api) and for protobuf.
    ("core_api(_protobuf)?", MODEL + ["core/protobuf"]),
    ("core_protobuf", BASE + ["core/json"]),
    ("core_net", BASE),
    ("core_store", BASE),
    ("core_runtime", BASE + ["core/net", "core/store"]),
    ("core_wire", MACHINE + ["core/net", "core/protobuf"]),
    ("core_allocator", BASE + ["core/model"]),
    ("core_master", MACHINE + ["core/allocator", "core/protobuf"]),
    ("core_masterd", SHELL + ["core/master", "core/allocator"]),
    ("core_agent", MACHINE),
    ("core_agentd", SHELL + ["core/agent", "core/executor"]),
    ("core_simulator", MACHINE + ["core/net", "core/protobuf"]),
    ("core_executor", MACHINE),
    ("ekiden-executor", MACHINE + ["core/executor", "core/net"]),
    ("marathon_model", BASE + ["core/json", "core/model"]),
    ("marathon_(machine|api|validation|change|deployment|launch|instance|health|explain)",
     MACHINE + ["marathon"]),
    ("marathon_routes", MACHINE + ["core/net", "marathon"]),
    ("marathond", SHELL + ["marathon"]),
    ("lb_core", BASE + ["core/json"]),
    ("lbd", BASE + ["core/json", "core/net", "core/runtime", "lb"]),
    ("dns_core", BASE + ["core/json"]),
    ("dnsd", BASE + ["core/json", "core/api", "core/net", "core/runtime", "dns"]),
    ("cli_layout", BASE + ["cli"]),
    ("ekiden", ["core", "marathon", "lb", "dns", "cli"]),
]
# Machines: values in, values out. These targets see none of the headers below.
PURE_TARGETS = re.compile(
    r"core_(base|json|model|api|allocator|master|agent)|dns_core|lb_core|"
    r"marathon_(model|machine|api|validation|change|deployment|launch|instance|health|explain)")
IMPURE_HEADERS = re.compile(
    r"thread|mutex|condition_variable|future|fstream|filesystem|unistd\.h|fcntl\.h|netdb\.h|spawn\.h|"
    r"sys/(socket|stat|wait|epoll|un)\.h")
PURE_EXCEPT = {"core/base/random.cpp": {"fstream", "random"},  # system_seed(), for shells
               "core/base/log.cpp": {"mutex"}, "core/base/metrics.cpp": {"mutex"},
               # JSON of immutable objects, shared between the loop and the threads that read.
               "marathon/api/text_cache.h": {"mutex"}}

# Third-party headers: pattern of the include, pattern of the files that may have it.
THIRD_PARTY = [
    (r"rapidjson/", r"core/json/"),
    (r"boost/asio", r"core/net/|core/executor/|core/agent/|dns/(server|forward)\.cpp|tests/"),
    (r"boost/beast", r"core/net/|core/executor/|tests/bench/"),
    (r"boost/", r"core/net/|core/executor/"),
    (r"curl/", r"core/net/"),
    (r"google/protobuf/", r"core/protobuf/stream\.cpp"),
    (r"re2/", r"core/allocator/constraints\.cpp"),
    (r"pcre2\.h", r"marathon/model/pattern\.cpp"),
    (r"zlib\.h", r"core/net/|tests/unit/core/net/"),
    (r"sqlite3\.h", r"core/store/sqlite_store\.cpp|tests/unit/core/store/"),
    (r"spdlog/", r"core/base/log\.cpp"),
    (r"prometheus/", r"core/base/metrics\.cpp"),
    (r"CLI/", r"(.*/)?options\.cpp|cli/commands\.cpp"),
    (r"archive(_entry)?\.h", r"core/agent/|tests/unit/core/agent/"),
    (r"openssl/", r"dns/names\.cpp|lb/hash\.cpp"),
    (r"tl/", r"core/base/result\.h"),
    (r"gtest/|gmock/", r"tests/"),
    (r"benchmark/", r"tests/bench/"),
    (r"fmt/", r""),
]
POSIX = re.compile(
    r"(sys|netinet|arpa|linux|net)/\w+\.h|(unistd|fcntl|signal|spawn|dirent|grp|pwd|netdb|ifaddrs|"
    r"pthread|poll|sched|termios|stdlib|dlfcn|glob|ftw|mntent)\.h")

THREAD_PLACES = re.compile(
    r"core/(net|store|runtime|agent)/|lb/|dns/|tests/|core/base/(log|metrics)\.cpp")

# Words: pattern, where it is allowed (None: nowhere), what to do instead.
WORDS = [
    (re.compile(r"\bsleep_(for|until)\b|\busleep\("), re.compile(r"(?!tests/)"),
     "a test must not sleep; wait for the fact, or drive a virtual clock"),
    (re.compile(r"\b\w+_clock::now\(|\bstd::time\(|\bgettimeofday\("),
     re.compile(r"core/base/clock\.h"),
     "real time enters in core/base/clock.h only; take a Now or a Clock as an argument"),
    # Inside a function of a .cpp it is fine; a table of wire names may open the nouns it is made of.
    (re.compile(r"^using namespace (?!std::(chrono_literals|literals::chrono_literals)\b)", re.M),
     re.compile(r".*_(tables|json)\.cpp"), "name what you use, or alias the namespace"),
    (re.compile(r"\bstd::(j?thread|async)\b"), THREAD_PLACES,
     "threads live in the shells of net, store, runtime, agent, lb and dns; post to a Worker"),
    (re.compile(r"\basio::detached\b"), None,
     "give the coroutine an owner and a named completion; detached hides failures"),
    (re.compile(r"(?<!operator )\bnew\s+[A-Za-z_:(]"), None, "use make_unique or make_shared"),
    (re.compile(r"\bdelete\s+[A-Za-z_*]|\bdelete\[\]"), None, "let an owner destroy it"),
]
COMMENT_WORDS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
CODE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(?P<tag>\w*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|'
                  r"'(?:\\.|[^'\\\n])+'", re.S)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


class Report:
    def __init__(self):
        self.findings = []

    def add(self, path, line, text):
        self.findings.append((path, line, text))


def blank(match):
    """Same length, same lines, no content: what is left is code."""
    text = match.group(0)
    quote = text[0] if text[0] in "\"'R" else ""
    kept = "".join(c if c == "\n" else " " for c in text)
    return '"' + kept[1:-1] + '"' if quote and len(text) > 1 else kept


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def all_files(root):
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in SKIPPED_FOLDERS]
        for name in names:
            yield Path(folder, name).relative_to(root).as_posix()


def read_targets(root, files):
    """Which CMake target each listed source belongs to."""
    targets = {}
    command = re.compile(r"(?:ekiden_library|ekiden_test|ekiden_bench|add_executable|add_library)\s*"
                         r"\(\s*([\w.${}-]+)([^)]*)\)")
    for path in files:
        if not path.endswith("CMakeLists.txt"):
            continue
        folder = Path(path).parent
        text = re.sub(r"#[^\n]*", "", (root / path).read_text())
        for name, body in command.findall(text):
            for word in body.split():
                if word in ("USES", "PRIVATE"):
                    break
                if word.endswith((".cpp", ".c")):
                    # Listed twice (compiled for two purposes): the first one says what it may see.
                    targets.setdefault(os.path.normpath((folder / word).as_posix()), name)
    return targets


def folders_of(target):
    return next((folders for pattern, folders in INCLUDES if re.fullmatch(pattern, target or "")), None)


def place_headers(root, files, targets):
    """A header belongs to the target of its .cpp; one without, to the first of its folder's targets
    that may include what it includes."""
    sources = dict(targets)
    for path in files:
        if not path.endswith(".h"):
            continue
        folder = os.path.dirname(path)
        here = sorted({t for p, t in sources.items() if os.path.dirname(p) == folder})
        if path[:-2] + ".cpp" in sources:
            targets[path] = sources[path[:-2] + ".cpp"]
        elif here:
            names = [m.group(2) for m in INCLUDE.finditer((root / path).read_text(errors="replace"))
                     if m.group(1) == '"']
            fits = [t for t in here if all(
                os.path.dirname(n) == folder or any(n.startswith(f + "/") for f in folders_of(t) or ())
                for n in names)]
            targets[path] = (fits or here)[0]


def check_includes(path, text, targets, report):
    target = targets.get(path)
    allowed = folders_of(target)
    product = not path.startswith("tests/")
    if product and target and allowed is None:
        report.add(path, 1, f"target {target} is not in the include table of scripts/tidy.py; add it "
                            "with the folders it may see")
        return
    for match in INCLUDE.finditer(text):
        kind, name = match.groups()
        line = line_of(text, match.start(2))
        if kind == "<":
            check_system_include(path, name, line, target, report)
        elif product and target:
            check_own_include(path, name, line, target, allowed, targets, report)


def check_own_include(path, name, line, target, allowed, targets, report):
    own = os.path.dirname(path) == os.path.dirname(name)
    other = targets.get(name)
    if own and other in (None, target):
        return
    if any(name.startswith(folder + "/") for folder in allowed):
        return
    if own:
        report.add(path, line, f"{target} must not include {name} of {other}; a shell wraps the machine, "
                               "never the other way round")
    else:
        folders = ", ".join(allowed) or "nothing else"
        report.add(path, line, f"{target} must not include {name}; it may see {folders}; move the "
                               "code, or pass the value in")


def check_system_include(path, name, line, target, report):
    for pattern, places in THIRD_PARTY:
        if re.match(pattern, name):
            if not re.match(places, path):
                report.add(path, line, f"<{name}> belongs behind the header that wraps it; include "
                                       "that one, or extend the table in scripts/tidy.py")
            return
    if ("/" in name or name.endswith((".h", ".hpp"))) and not POSIX.fullmatch(name):
        report.add(path, line, f"<{name}> is in no table of scripts/tidy.py; wrap it in one place and "
                               "add a line")
        return
    pure = target and PURE_TARGETS.fullmatch(target) and not path.startswith("tests/")
    if pure and IMPURE_HEADERS.fullmatch(name) and name not in PURE_EXCEPT.get(path, ()):
        report.add(path, line, f"{target} is pure and must not include <{name}>; do it in the shell "
                               "and pass the result in")


def check_words(path, text, code, report):
    for pattern, allowed, advice in WORDS:
        if allowed is not None and allowed.match(path):
            continue
        for match in pattern.finditer(code):
            line = code[code.rfind("\n", 0, match.start()) + 1:match.end()]
            if line.lstrip().startswith("#"):
                continue
            if match.group(0).startswith("delete") and "= delete" in line:
                continue
            report.add(path, line_of(code, match.start()), f"'{match.group(0).strip()}': {advice}")
    for match in COMMENT_WORDS.finditer(text):
        report.add(path, line_of(text, match.start()),
                   f"'{match.group(0)}': do it now, or write an issue and name it here as a fact")


def check_co_await(path, code, report):
    """GCC 12 destroys temporaries of a co_await statement twice: names, literals and calls only."""
    for match in re.finditer(r"\bco_await\b", code):
        start = max(code.rfind(c, 0, match.start()) for c in ";{}")
        opens_value = start > 0 and code[start] == "{" and code[start - 1] not in " \n("
        depth, end = 0, match.end()
        while end < len(code):
            c = code[end]
            depth += (c in "([") - (c in ")]")
            if depth <= 0 and c in ";{" or c == "{":
                break
            end += 1
        braces = end < len(code) and code[end] == "{" and (depth > 0 or code[end - 1] not in " \n")
        statement = code[start + 1:end]
        lambda_or_choice = re.search(r"\[[\w&=, ]*\]\s*(\(|\{)|\s\?\s", statement)
        if opens_value or braces or lambda_or_choice:
            report.add(path, line_of(code, match.start()),
                       "a co_await statement holds names, literals and calls only (no braces, lambdas "
                       "or ?:); build the value on the line before")


TABLE = re.compile(r"\bstatic\s+const(expr)?\b[^;{}]*=\s*$")


def scope_kind(head, after_function):
    head = re.sub(r"\btemplate\s*<[^{}]*>\s*(requires[^{}]*?)?(?=\b(class|struct|auto|void|\w))", "",
                  head.strip(), count=1)
    head = "\n".join(l for l in head.splitlines() if not l.lstrip().startswith("#")).strip()
    if re.search(r"(^|\n)(inline\s+)?namespace\b[\s\w:]*$|^extern\b", head):
        return "scope"
    if re.match(r"(class|struct|union|enum)\b", head) and "(" not in head.split("{")[0]:
        return "scope"
    if ")" in head or (after_function and (not head or head.startswith(","))):
        return "function"
    return "value"


def check_functions(path, code, report):
    """By braces: outside every function, a '{' after a parameter list opens one. Tables are data."""
    stack, head, after_function, table_lines = [], 0, False, 0
    for match in re.finditer(r"[{};]", code):
        at, brace = match.start(), match.group(0)
        inside = bool(stack) and stack[-1][0] != "scope"
        if brace == "{":
            kind = "inner" if inside else scope_kind(code[head:at], after_function)
            if kind == "inner" and TABLE.search(code, head, at):
                kind = "table"
            stack.append((kind, at))
        elif brace == "}" and stack:
            kind, opened = stack.pop()
            after_function = kind == "function"
            if kind == "table":
                table_lines += code.count("\n", opened, at)
            if kind == "function":
                length = code.count("\n", opened, at) - 1 - table_lines
                table_lines = 0
                if length > FUNCTION_MAX:
                    report.add(path, line_of(code, opened),
                               f"function of {length} lines (at most {FUNCTION_MAX}); let it decide and "
                               "move the work into named leaves")
        head = at + 1
        if brace == ";":
            after_function = False


def check_shape(path, text, report):
    lines = text.split("\n")
    if len(lines) - 1 > FILE_MAX:
        report.add(path, FILE_MAX, f"file of {len(lines) - 1} lines (at most {FILE_MAX}); split it by "
                                   "what its parts decide")
    longest = TEST_LINE_MAX if path.startswith("tests/") else LINE_MAX
    for number, line in enumerate(lines, 1):
        if len(line) > longest:
            report.add(path, number, f"line of {len(line)} characters (at most {longest}); run "
                                     "clang-format, or break it")
    if path.endswith(".h") and "#pragma once" not in text:
        report.add(path, 1, "header without #pragma once; make that its first line")


def check_cpp(root, files, targets, report):
    for path in files:
        if not path.endswith((".cpp", ".h")):
            continue
        text = (root / path).read_text(errors="replace")
        code = CODE.sub(blank, text)
        check_includes(path, text, targets, report)
        check_words(path, text, code, report)
        check_co_await(path, code, report)
        check_functions(path, code, report)
        check_shape(path, text, report)
        if path.endswith(".cpp") and path not in targets:
            report.add(path, 1, "source in no CMakeLists.txt; list it, or delete it")


def check_page(root, files, report):
    for path in files:
        if path.startswith("ui_static/") and path.endswith((".js", ".mjs", ".html")):
            text = (root / path).read_text(errors="replace")
            for match in re.finditer(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write\(", text):
                report.add(path, line_of(text, match.start()),
                           f"'{match.group(0)}' lets data become markup; use htm templates or "
                           "textContent")


def check_readme(root, files, report):
    """The folder table of README.md names every folder and nothing else."""
    if "README.md" not in files:
        return
    text = (root / "README.md").read_text()
    rows = {m.group(1).rstrip("/"): line_of(text, m.start())
            for m in re.finditer(r"^\|\s*`([\w./-]+)`\s*\|", text, re.M)
            if "." not in m.group(1)}
    folders = {p.split("/")[0] for p in files if "/" in p and not p.startswith(".")}
    core = {"/".join(p.split("/")[:2]) for p in files if re.match(r"core/\w+/CMakeLists", p)}
    if not rows:
        return
    for folder in sorted((folders - {"core"}) | core):
        if folder not in rows:
            report.add("README.md", min(rows.values()),
                       f"the folder table lacks {folder}; add a row that says what it is")
    for row, line in rows.items():
        if row not in folders | core and not (root / row).is_dir():
            report.add("README.md", line, f"the folder table names {row}, which does not exist; drop "
                                          "the row, or make the folder")


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent)
    files = sorted(all_files(root))
    report = Report()
    targets = read_targets(root, files)
    place_headers(root, files, targets)
    check_cpp(root, files, targets, report)
    check_page(root, files, report)
    check_readme(root, files, report)
    for path, line, text in sorted(report.findings):
        print(f"{path}:{line}: {text}")
    print(f"tidy: {len(report.findings)} findings in {len(files)} files")
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
