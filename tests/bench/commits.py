"""[14] What durability costs: syncs of the disk per app, counted by strace, and POSTs a second."""
import json
import os
import pathlib
import sqlite3
import subprocess
import tempfile
import time

import cluster
from rounds import Row, median
from simulated import AGENT_RESOURCES, STEP_SECONDS_MAX, Stack

AGENTS = 100
APPS_SECONDS_MAX = 10  # for 10,000 apps


def commit_limit(seconds):
    """Commits of one row a second, SQLite, WAL, synchronous=FULL, on the disk of the rows."""
    with tempfile.TemporaryDirectory(prefix="ekiden-bench-") as folder:
        database = sqlite3.connect(f"{folder}/limit.db", isolation_level=None)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE t (k TEXT PRIMARY KEY, v BLOB)")
        count, start = 0, time.monotonic()
        while time.monotonic() < start + seconds:
            database.execute("INSERT INTO t VALUES (?, ?)", (f"key-{count:09}", b"x" * 1000))
            count += 1
        rate = count / (time.monotonic() - start)
        database.close()
    return rate


def sync_seconds():
    """The median of one fdatasync behind a write of 4 KB."""
    with tempfile.NamedTemporaryFile(prefix="ekiden-bench-") as file:
        times = []
        for _ in range(100):
            file.write(b"x" * 4096)
            file.flush()
            start = time.monotonic()
            os.fdatasync(file.fileno())
            times.append(time.monotonic() - start)
    return median(times)


def one_app(bench):
    """One app of a thousand, from POST to running, and its end."""
    tasks = 1000
    rows = []
    with Stack(bench, trace=True) as stack:
        stack.start_agents(AGENTS)
        time.sleep(1)
        app = {"id": "/one", "cmd": "sleep 100000", "cpus": 0.001, "mem": 1, "disk": 0,
               "instances": tasks, "portDefinitions": []}
        counts, idle = {}, {}
        idle_from = time.time()
        time.sleep(1)
        idle = {name: stack.syncs_between(name, idle_from, time.time()) for name in stack.pids}
        for what, method, body, running in (("start", "POST", app, tasks), ("end", "DELETE", None, 0)):
            start = time.time()
            stack.must(method, "/v2/apps" + ("" if body else "/one"), body)
            cluster.wait_for(lambda: stack.running("/one")[0] == running, f"{running} tasks run")
            time.sleep(0.5)
            counts[what] = {name: stack.syncs_between(name, start, time.time())
                            for name in stack.pids}
    for what, target in (("start", 5), ("end", None)):
        count = counts[what]["marathon"]
        rows.append(Row(f"[14] {what} of one app of {tasks}: syncs of marathon", f"{count}",
                        f"{counts[what]['master']} of the master, {sum(idle.values())}/s idle",
                        f"{count / tasks:.3f} a task", f"<= {target}" if target else "",
                        None if target is None else count <= target))
    return rows


def simulate_apps(bench, stack, apps):
    """The report of the step in which all apps are posted and run, and its length."""
    report = pathlib.Path(stack.folder) / "report.json"
    start = time.time()
    done = subprocess.run(
        [stack.binary, "simulate", f"--master={stack.master}", f"--marathon={stack.marathon}",
         f"--agents={AGENTS}", f"--tasks-per-agent={apps // AGENTS}", f"--apps={apps}",
         f"--agent-resources={AGENT_RESOURCES}", f"--report={report}", "--steps=launch"],
        capture_output=True, text=True, timeout=STEP_SECONDS_MAX)
    answer = json.loads(report.read_text())
    if done.returncode != 0 or answer["wrong"]:
        raise RuntimeError(f"{apps} apps: {answer['wrong']} {done.stderr}")
    return answer["steps"]["launch"], start, time.time()


def many_apps(bench):
    """Apps of one task each, a hundred POSTs at a time; once traced, once not."""
    apps = 500 if bench.quick else 10000
    limit = commit_limit(1)
    with Stack(bench, trace=True) as stack:
        _, start, end = simulate_apps(bench, stack, apps)
        syncs = {name: stack.syncs_between(name, start, end) for name in stack.pids}
    with Stack(bench) as stack:
        cpu = stack.cpu("marathon")
        launch, _, _ = simulate_apps(bench, stack, apps)
        cpu = stack.cpu("marathon") - cpu
    limit = (limit + commit_limit(1)) / 2
    posts = apps / launch["time until all POSTs were answered"]
    taken = launch["time from POST to the last RUNNING"]
    longest = APPS_SECONDS_MAX * apps / 10000
    return [Row(f"[14] {apps} apps of one task, 100 POSTs at once: syncs of marathon an app",
                f"{syncs['marathon'] / apps:.3f}",
                f"{syncs['master'] / apps:.3f} of the master, {end - start:.1f} s traced", "",
                "<= 0.1", syncs["marathon"] / apps <= 0.1),
            Row("[14] the same: POSTs answered", f"{posts:.0f}/s",
                f"{limit:.0f}/s commits of one row", f"{posts / limit:.2f}", ">= 1.0",
                posts / limit >= 1),
            Row("[14] the same: all run", f"{taken:.2f} s", f"{cpu * 1e6 / apps:.0f} us CPU an app",
                "", f"<= {longest:.1f} s", taken <= longest)]


def durable(bench):
    return one_app(bench) + many_apps(bench)


ALL = {"commits": durable}
