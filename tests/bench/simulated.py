"""Rows on simulated agents: `ekiden simulate` in its own process, durable mode on."""
import json
import math
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import cluster
from rounds import Row, interleave, median, spread_text

STEP_SECONDS_MAX = 600
AGENT_RESOURCES = "cpus:1000;mem:1000000;disk:1000000;ports:[21000-22999]"
# Mesos 1.12 and its successors as measured on two cores like these (docs/performance.md).
MESOS_LAUNCHES, MESOS_REGISTRATIONS = 2380, 900
MESOS_STATE_MB_PER_SECOND, MESOS_BYTES_PER_TASK = 35, 6700


def sizes(bench):
    """(agents, tasks on each): x1, x10 and, when asked for, x100 tasks."""
    if bench.quick:
        return [(100, 10), (1000, 10)]
    return [(1000, 10), (10000, 10)] + ([(10000, 100)] if bench.large else [])


def simulate(bench, *flags):
    with tempfile.TemporaryDirectory(prefix="ekiden-bench-") as folder:
        report = pathlib.Path(folder) / "report.json"
        done = subprocess.run([str(bench.bin / "ekiden"), "simulate", f"--report={report}",
                               f"--work_dir={folder}/state", *flags], capture_output=True,
                              text=True, timeout=STEP_SECONDS_MAX)
        answer = json.loads(report.read_text()) if report.exists() else {"wrong": [done.stderr]}
        if done.returncode != 0 or answer["wrong"]:
            raise RuntimeError(f"simulate {' '.join(flags)}: {answer['wrong']}")
        return answer["steps"]


def exponent(small, large, ratio):
    return math.log(max(large, 1e-9) / max(small, 1e-9)) / math.log(ratio)


def core(bench):
    """[1, 6, 7, 8, 16] Registration, launches, /state, memory, recovery of a master."""
    rows, by_size = [], []
    for agents, tasks in sizes(bench):
        runs = [simulate(bench, f"--agents={agents}", f"--tasks-per-agent={tasks}",
                         "--steps=launch,state,recover")
                for _ in range(1 if bench.quick or agents * tasks > 20000 else 3)]
        name = f"{agents} agents x {tasks} tasks"
        by_size.append((agents * tasks, runs[0]))
        rows += [
            row(f"[1] launch, plain framework, {name}", [r["launch"]["rate"] for r in runs],
                "{:.0f} tasks/s", MESOS_LAUNCHES, "{:.0f}/s Mesos", ">= 10000/s", 10000),
            row(f"[1] the same: CPU of the master per task",
                [r["launch"]["CPU of the master per task"] for r in runs], "{:.0f} us"),
            row(f"[6] GET /state, {runs[0]['state']['size']:.1f} MB", [r["state"]["rate"] for r in runs],
                "{:.0f} MB/s", MESOS_STATE_MB_PER_SECOND, "{:.0f} MB/s Mesos", ">= 210 MB/s", 210),
            row(f"[8] re-registration, {name}", [r["recover"]["rate"] for r in runs],
                "{:.0f} agents/s", MESOS_REGISTRATIONS, "{:.0f}/s Mesos", ">= 10000/s", 10000),
        ]
        whole = [r["recover"]["time from kill -9 to the last agent"] for r in runs]
        rows.append(Row(f"[8] kill -9 to the last agent, {name}", spread_text(whole, "{:.2f} s"), "", "",
                        "<= 2 s", median(whole) <= 2))
        memory = [r["launch"]["memory of the master per task"] for r in runs]
        rows.append(Row(f"[7] memory of the master per task, {name}", spread_text(memory, "{:.0f} B"),
                        f"{MESOS_BYTES_PER_TASK} B Mesos",
                        f"{MESOS_BYTES_PER_TASK / max(1, median(memory)):.1f}x less", "<= 400 B",
                        median(memory) <= 400))
    (few, small), (many, large) = by_size[0], by_size[-1]
    for step, figure in (("launch", "CPU of the master"), ("recover", "CPU of the master")):
        value = exponent(small[step][figure], large[step][figure], many / few)
        rows.append(Row(f"[16] growth of {step}, {few} to {many} tasks, CPU", f"{value:.2f}", "", "",
                        "<= 1.05", value <= 1.05))
    return rows


def row(workload, values, form, peer=None, peer_form="", target="", least=None):
    ratio = f"{median(values) / peer:.1f}x" if peer else ""
    return Row(workload, spread_text(values, form), peer_form.format(peer) if peer else "", ratio,
               target, None if least is None else median(values) >= least)


def loss(bench):
    """[17] A tenth of the agents is gone at once; until all tasks run again."""
    agents = 500 if bench.quick else 10000
    rows = []
    for how, flags, timeout in (
            ("links closed", ["--agent_reregister_timeout=2secs"], 2),
            ("silent", ["--agent_ping_timeout=1secs", "--max_agent_ping_timeouts=2"], 3)):
        steps = simulate(bench, f"--agents={agents}", "--tasks-per-agent=10",
                         f"--lose={agents // 10}", "--steps=launch,lose",
                         f"--lose-how={'silent' if how == 'silent' else 'closed'}", *flags)
        taken = steps["lose"]["time until all run again"]
        rows.append(Row(f"[17] {agents // 10} of {agents} agents lost, {how}: until all run again",
                        f"{taken:.2f} s", f"{timeout} s detection", f"{taken - timeout:.2f} s more",
                        "<= 1.5 s more", taken - timeout <= 1.5))
    return rows


def idle(bench):
    """[15] 1,000 agents with 10 tasks each, and nothing to do."""
    seconds = 16 if bench.quick else 60
    steps = simulate(bench, "--agents=1000", "--tasks-per-agent=10", "--steps=launch,idle",
                     f"--idle={seconds}secs")
    share = steps["idle"]["CPU of the master"]
    memory = steps["idle"]["memory of the master"]
    return [Row(f"[15] master idle for {seconds} s, 1000 agents, 10000 tasks: CPU",
                f"{share:.2f} % of a core", "", "", "<= 0.5 %", share <= 0.5),
            Row("[15] the same: memory", f"{memory:.0f} MB", "", "", "<= 40 MB", memory <= 40)]


class Stack:
    """A master and a marathon as processes of their own; simulated agents come as `simulate`."""

    def __init__(self, bench, *marathon_flags, trace=False):
        self.binary = str(bench.bin / "ekiden")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ekiden-bench-"))
        self.processes = {}  # what was started
        self.pids = {}  # of the daemons themselves
        self.trace = trace
        self.more_flags = marathon_flags

    def start(self, name, *flags):
        ready = self.folder / f"{name}.json"
        ready.unlink(missing_ok=True)
        log = open(self.folder / f"{name}.log", "a")
        tracer = ["strace", "-f", "--seccomp-bpf", "-ttt", "-e", "trace=fdatasync,fsync", "-o",
                  str(self.folder / f"{name}.trace")] if self.trace else []
        process = subprocess.Popen(
            [*tracer, self.binary, name, f"--work_dir={self.folder / name}",
             f"--ready-file={ready}", *flags], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.processes[name] = process
        cluster.wait_for(lambda: ready.exists() and ready.stat().st_size, f"{name} is ready")
        self.pids[name] = cluster.child_of(process.pid) if self.trace else process.pid
        return json.loads(ready.read_text())[name]

    def __enter__(self):
        self.master = self.start("master", "--port=0")
        self.marathon_flags = [f"--master={self.master}", "--http_port=0",
                               "--max_running_deployments=20000", *self.more_flags]
        self.marathon = self.start("marathon", *self.marathon_flags)
        self.port = int(self.marathon.rsplit(":", 1)[1])
        self.marathon_flags[1] = f"--http_port={self.port}"
        return self

    def __exit__(self, *_):
        for name, process in self.processes.items():
            if self.pids.get(name, process.pid) != process.pid:
                os.kill(self.pids[name], signal.SIGKILL)  # its tracer ends with it
            else:
                process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start_agents(self, count, resources=AGENT_RESOURCES):
        """They stay until the end, and tasks come from whoever asks for them."""
        self.processes["agents"] = subprocess.Popen(
            [self.binary, "simulate", f"--master={self.master}", f"--marathon={self.marathon}",
             f"--agents={count}", f"--agent-resources={resources}", "--steps=idle",
             "--idle=30mins"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        metrics = self.master + "/metrics/snapshot"
        cluster.wait_for(lambda: cluster.get_json(metrics)["master/slaves_active"] == count,
                         f"{count} agents are registered")

    def cpu(self, name):
        return cluster.cpu_seconds(self.pids[name])

    def syncs_between(self, name, start, end):
        """How often it called fdatasync or fsync between two times (epoch seconds)."""
        time.sleep(0.3)
        lines = (self.folder / f"{name}.trace").read_text().splitlines()
        times = [float(line.split()[1]) for line in lines
                 if "sync(" in line and "resumed" not in line]
        return sum(start <= at <= end for at in times)

    def request(self, method, path, body=None):
        return cluster.request(self.port, method, path, body)

    def must(self, method, path, body=None):
        status, data = self.request(method, path, body)
        if status not in (200, 201):
            raise RuntimeError(f"{method} of {path} was answered {status}: {data[:500]}")
        return data

    def running(self, app):
        """(tasks that run, tasks that are healthy)"""
        status, data = self.request("GET", f"/v2/apps{app}?embed=app.counts")
        known = json.loads(data)["app"] if status == 200 else {}
        return known.get("tasksRunning", 0), known.get("tasksHealthy", 0)


def deploy(bench):
    """[1, 7, 8, 14] The whole stack: POST of apps until the last TASK_RUNNING is acknowledged."""
    agents, tasks = (100, 10) if bench.quick else (1000, 10)
    rows = []
    for apps, what in ((1, "one app"), (agents * tasks // 10, "apps of 10")):
        with Stack(bench) as stack:
            before = cluster.status_kb(stack.pids["marathon"], "VmRSS")
            report = stack.folder / "report.json"
            cpu = {name: stack.cpu(name) for name in stack.pids}
            done = subprocess.run(
                [stack.binary, "simulate", f"--master={stack.master}", f"--marathon={stack.marathon}",
                 f"--agents={agents}", f"--tasks-per-agent={tasks}", f"--apps={apps}",
                 f"--report={report}", "--steps=launch"],
                capture_output=True, text=True, timeout=STEP_SECONDS_MAX)
            answer = json.loads(report.read_text())
            if done.returncode != 0 or answer["wrong"]:
                raise RuntimeError(f"deploy of {what}: {answer['wrong']} {done.stderr}")
            launch = answer["steps"]["launch"]
            count = agents * tasks
            used = {name: (stack.cpu(name) - cpu[name]) * 1e6 / count for name in cpu}
            memory = (cluster.status_kb(stack.pids["marathon"], "VmRSS") - before) * 1024
            rows.append(row(f"[1] deploy {count} tasks as {what}, whole stack", [launch["rate"]],
                            "{:.0f} tasks/s", MESOS_LAUNCHES, "{:.0f}/s Mesos alone", ">= 10000/s", 10000))
            rows.append(Row("[1] the same: CPU per task", f"{used['marathon']:.0f} us marathon",
                            f"{used['master']:.0f} us master"))
            if apps > 1:
                rate = apps / launch["time until all POSTs were answered"]
                rows.append(Row(f"[14] POSTs answered, {apps} apps, 100 at once", f"{rate:.0f}/s"))
            rows.append(Row(f"[7] memory of marathon per task, {what}", f"{memory / count:.0f} B"))
            rows += restart_marathon(stack, count)
    return rows


def restart_marathon(stack, count):
    process = stack.processes["marathon"]
    process.send_signal(signal.SIGKILL)
    process.wait()
    start = time.monotonic()
    stack.marathon = stack.start("marathon", *stack.marathon_flags)
    status, body = stack.request("GET", "/v2/apps?embed=apps.counts")
    taken = time.monotonic() - start
    apps = json.loads(body)["apps"]
    instances = sum(app["instances"] for app in apps)
    if status != 200 or instances != count:
        raise RuntimeError(f"after a restart marathon knows {instances} instances, not {count}")
    return [Row(f"[8] marathon: kill -9 to /v2/apps of {len(apps)} apps, {count} tasks",
                f"{taken:.2f} s", "", "", "<= 2 s", taken <= 2)]


ALL = {"core": core, "loss": loss, "agents_idle": idle, "deploy": deploy}
