#!/usr/bin/env python3
"""Runs every test program and prints one line a program, then one closing line.

C++ programs come from ctest's list (build/asan), page tests from tests/ui, user stories from
tests/e2e, faults of real processes from tests/integration/faults. A test that is skipped is counted and
named; in CI (CI=true) a skip is a failure.
"""
import concurrent.futures
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
import ekiden  # noqa: E402  (the engine that stories and integration tests share)

BUILD = ROOT / "build" / "asan"
LOGS = ROOT / "build" / "test-logs"
IN_CI = os.environ.get("CI") == "true"


class Outcome:
    def __init__(self, name, passed=0, failed=(), skipped=(), seconds=0.0, log=""):
        self.name, self.passed, self.seconds, self.log = name, passed, seconds, log
        self.failed, self.skipped = list(failed), list(skipped)


def run(command, timeout, env=None, cwd=ROOT):
    """Output and exit code; a time-out ends the whole process group and counts as failure."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=cwd,
                               env={**os.environ, **(env or {})}, start_new_session=True)
    try:
        out, _ = process.communicate(timeout=timeout)
        return out.decode(errors="replace"), process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        out, _ = process.communicate()
        return out.decode(errors="replace") + f"\nended after {timeout} s without finishing\n", 1


def cpp_programs():
    listing = subprocess.run(["ctest", "--show-only=json-v1"], cwd=BUILD, capture_output=True,
                             text=True, check=True)
    return [(test["name"], test["command"]) for test in json.loads(listing.stdout)["tests"]
            if test.get("command")]


def run_cpp(name, command, environment=None):
    start = time.monotonic()
    if not re.match("unit_|integration_|fuzz_replay", name):  # no GoogleTest: one test, one exit code
        text, code = run(command, 600, environment)
        return Outcome(name, 1 - bool(code), [name] if code else [], [],
                       time.monotonic() - start, text)
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        text, code = run(command + [f"--gtest_output=xml:{report.name}"], 600,
                         {"UBSAN_OPTIONS": "print_stacktrace=1", **(environment or {})})
        passed, failed, skipped = 0, [], []
        try:
            cases = xml.parse(report.name).getroot().iter("testcase")
        except xml.ParseError:
            cases = []
        for case in cases:
            full = f"{name}: {case.get('classname')}.{case.get('name')}"
            if case.find("failure") is not None:
                failed.append(full)
            elif case.find("skipped") is not None:
                reason = case.find("skipped").get("message", "").strip().splitlines()
                skipped.append(f"{full} ({reason[-1] if reason else 'no reason given'})")
            elif case.get("status") == "run":
                passed += 1
    if code and not failed:
        failed.append(f"{name}: exit code {code}")
    return Outcome(name, passed, failed, skipped, time.monotonic() - start, text)


def run_integration(programs):
    """One after the other, with a Docker engine of their own; without one they skip what needs it."""
    if not programs:
        return
    with contextlib.ExitStack() as stack:
        environment = {}
        try:
            engine = stack.enter_context(ekiden.DockerEngine())
            engine.docker("tag", "hello_world:latest", "ekiden-test-busybox:latest")
            environment["EKIDEN_TEST_DOCKER_SOCKET"] = str(engine.socket)
        except ekiden.Skip as reason:
            print(f"no Docker engine for the integration tests: {reason}", flush=True)
        for name, command in programs:
            yield run_cpp(name, command, environment)


def run_node(name, files, timeout, env=None):
    if not files:
        return Outcome(name)
    start = time.monotonic()
    text, code = run(["node", "--test", "--test-reporter=tap", "--test-concurrency=1",
                      *map(str, files)], timeout, env)
    passed, failed, skipped = 0, [], []
    for line in text.splitlines():
        match = re.match(r"\s*(not ok|ok) \d+ - (.*?)(?: # SKIP ?(.*))?$", line)
        if not match or match.group(2).endswith((".js", ".mjs")):
            continue
        verdict, title, skip = match.groups()
        if skip is not None:
            skipped.append(f"{name}: {title} ({skip or 'no reason given'})")
        elif verdict == "ok":
            passed += 1
        else:
            failed.append(f"{name}: {title}")
    if code and not failed:
        failed.append(f"{name}: exit code {code}")
    return Outcome(name, passed, failed, skipped, time.monotonic() - start, text)


def story_files():
    """(name, file) of what is made of stories: user stories, and faults of real processes."""
    return ([(f"e2e {path.stem}", path) for path in sorted((ROOT / "tests/e2e").glob("story_*.py"))] +
            [(f"integration {path.stem}", path)
             for path in sorted((ROOT / "tests/integration/faults").glob("fault_*.py"))])


def run_story(name, path):
    """A file of stories: prints `ok NAME`, `not ok NAME: why` or `skip NAME: why` lines."""
    start = time.monotonic()
    text, code = run([sys.executable, str(path)], 900,
                     {"PYTHONPATH": str(ROOT / "tests" / "e2e")})
    passed = len(re.findall(r"^ok ", text, re.M))
    failed = [f"{name}: {line}" for line in re.findall(r"^not ok (.*)$", text, re.M)]
    skipped = [f"{name}: {line}" for line in re.findall(r"^skip (.*)$", text, re.M)]
    if code and not failed:
        failed.append(f"{name}: exit code {code}")
    return Outcome(name, passed, failed, skipped, time.monotonic() - start, text)


def report(outcome):
    LOGS.mkdir(parents=True, exist_ok=True)
    (LOGS / (re.sub(r"[^\w.-]+", "_", outcome.name) + ".log")).write_text(outcome.log)
    print(f"{'FAIL' if outcome.failed else 'ok  '} {outcome.name}: {outcome.passed} passed, "
          f"{len(outcome.failed)} failed, {len(outcome.skipped)} skipped "
          f"({outcome.seconds:.1f} s)", flush=True)
    if outcome.failed:
        print("\n".join("     " + line for line in outcome.log.splitlines()[-60:]), flush=True)
    return outcome


def main():
    words = sys.argv[1:]
    wanted = lambda name: not words or any(word in name for word in words)
    outcomes = []
    programs = [(n, c) for n, c in cpp_programs() if wanted(n)]
    alone = [p for p in programs if p[0].startswith(("integration", "bench"))]
    together = [p for p in programs if p not in alone]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for outcome in pool.map(lambda p: run_cpp(*p), together):
            outcomes.append(report(outcome))
    outcomes += [report(outcome) for outcome in run_integration(alone)]
    if wanted("ui unit"):
        outcomes.append(report(run_node("ui unit", sorted((ROOT / "tests/ui/unit").glob("*.js")), 120)))
    if wanted("ui browser"):
        files = sorted((ROOT / "tests/ui/browser").glob("*.test.mjs"))
        outcomes.append(report(run_node("ui browser", files, 400)))
    for name, path in story_files():
        if wanted(name):
            outcomes.append(report(run_story(name, path)))
    failed = [line for outcome in outcomes for line in outcome.failed]
    skipped = [line for outcome in outcomes for line in outcome.skipped]
    for line in failed:
        print(f"failed: {line}")
    for line in skipped:
        print(f"skipped: {line}")
    bad = len(failed) + (len(skipped) if IN_CI else 0)
    passed = sum(outcome.passed for outcome in outcomes)
    if IN_CI and skipped:
        print("in CI every part must be there: each skip above counts as a failure")
    counted = 0 if IN_CI else len(skipped)
    print(f"{passed} passed, {bad} failed" + (f", {counted} skipped" if counted else ""))
    return 1 if bad or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
