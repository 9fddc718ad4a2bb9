"""A cluster of separate processes that tests kill, stop and cut off: master, agents, Marathon."""
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from ekiden import BINARY, request, wait_for  # noqa: E402

KEPT_LOGS = ROOT / "build" / "test-logs"
CGROUPS = Path("/sys/fs/cgroup")


def free_port(address="127.0.0.1"):
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


class Process:
    """One daemon: killed and started again it has the same command, folder and port."""

    def __init__(self, name, command, folder, prefix=()):
        self.name = name
        self.command = [*prefix, *map(str, command)]
        self.log_path = folder / f"{name}.log"
        self.process = None
        self.stopped = False

    def start(self):
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(self.command, stdout=log, stderr=subprocess.STDOUT,
                                        start_new_session=True)
        log.close()

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.stopped = False

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)
        self.stopped = True

    def go_on(self):
        if self.stopped and self.alive():
            self.process.send_signal(signal.SIGCONT)
        self.stopped = False


class Cluster:
    """`with Cluster(name) as cluster`; `agent_prefixes` run each agent inside something else."""

    def __init__(self, name, address="127.0.0.1", agent_prefixes=((), ()), agent_addresses=None,
                 master_flags=()):
        self.name = name
        self.folder = Path(tempfile.mkdtemp(prefix="ekiden-faults-"))
        self.starts_file = self.folder / "starts"
        self.starts_file.touch()
        master_port, self.api_port = free_port(address), free_port()
        master = f"http://{address}:{master_port}"
        self.master_address = f"{address}:{master_port}"
        self.master = Process("master", [BINARY, "master", "--ip", address, "--port", master_port,
                                         "--work_dir", self.folder / "master", *master_flags],
                              self.folder)
        self.agents = []
        self.cgroups = []
        for i, prefix in enumerate(agent_prefixes):
            ip = agent_addresses[i] if agent_addresses else address
            cgroup = f"ekiden-faults-{os.getpid()}-{i}"
            self.cgroups.append(cgroup)
            port = free_port() if not prefix else 5051
            low = 20000 + 1000 * i
            self.agents.append(Process(
                f"agent{i}",
                [BINARY, "agent", "--master", master, "--ip", ip, "--hostname", ip, "--port", port,
                 "--work_dir", self.folder / f"agent{i}", "--cgroups_root", cgroup, "--resources",
                 f"cpus:100;mem:100000;disk:100000;ports:[{low}-{low + 999}]",
                 "--attributes", f"number:a{i}"], self.folder, prefix))
        self.marathon = Process(
            "marathon", [BINARY, "marathon", "--master", master, "--http_port", self.api_port,
                         "--work_dir", self.folder / "marathon"], self.folder)

    @property
    def processes(self):
        return [self.master, *self.agents, self.marathon]

    def __enter__(self):
        try:
            for process in self.processes:
                process.start()
            wait_for(lambda: self.api("GET", "/v2/info").status == 200, 20, "Marathon to answer")
            wait_for(self.connected, 20, "the agents to be registered")
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def connected(self):
        state = request(self.master_address, "GET", "/state", timeout=5).json()
        return (len([agent for agent in state["slaves"] if agent["active"]]) == len(self.agents)
                and any(framework["active"] for framework in state["frameworks"]))

    def __exit__(self, kind, error, trace):
        if kind is not None:
            kept = KEPT_LOGS / f"faults-{self.name}"
            shutil.rmtree(kept, ignore_errors=True)
            kept.mkdir(parents=True)
            for path in self.folder.glob("*.log"):
                shutil.copy(path, kept)
            shutil.copy(self.starts_file, kept)
            print(f"logs are kept in {kept}", flush=True)
        for process in self.processes:
            if process.alive():
                process.kill()
        for _ in range(100):
            left = self.task_processes(with_executors=True)
            if not left:
                break
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
        for cgroup in self.cgroups:
            for root in [*CGROUPS.glob(cgroup), *CGROUPS.glob(f"*/{cgroup}")]:
                for path in sorted([root, *root.glob("**/")], reverse=True):
                    with contextlib.suppress(OSError):
                        path.rmdir()
        shutil.rmtree(self.folder, ignore_errors=True)

    def api(self, method, path, body=None):
        return request(f"127.0.0.1:{self.api_port}", method, path, body, timeout=10)

    def task_processes(self, with_executors=False):
        """pids of processes in our sandboxes."""
        found = []
        for process in Path("/proc").iterdir():
            if not process.name.isdigit():
                continue
            try:
                folder = os.readlink(process / "cwd")
                command = (process / "cmdline").read_bytes()
            except OSError:
                continue
            if folder.startswith(f"{self.folder}/agent") and command:
                if with_executors or b"ekiden-executor" not in command:
                    found.append(int(process.name))
        return found

    def create_apps(self, apps, instances, **more):
        for number in range(apps):
            app = {"id": f"/faults/app{number}", "cpus": 0.05, "mem": 8, "instances": instances,
                   "cmd": f"echo $MESOS_TASK_ID >> {self.starts_file}; exec sleep 1000",
                   "backoffSeconds": 0, **more}
            # A killed Marathon may have taken the app and not have said so.
            wait_for(lambda: self.api("POST", "/v2/apps", app).status in (201, 409), 30,
                     f"app {number} to be taken")

    def tasks(self):
        answer = self.api("GET", "/v2/tasks")
        assert answer.status == 200, answer
        return answer.json()["tasks"]

    def started(self):
        return self.starts_file.read_text().split()

    def settle(self, count, seconds):
        """All run, each was started once, and nothing else was ever started."""
        def settled():
            tasks = self.tasks()
            running = [task for task in tasks if task["state"] == "TASK_RUNNING"]
            assert len(running) == len(tasks) == count, f"{len(running)} of {len(tasks)} run"
            return tasks
        tasks = wait_for(settled, seconds, f"{count} running tasks")
        started = self.started()
        ids = {task["id"] for task in tasks}
        assert len(started) == len(set(started)), "a task was started twice"
        extra = set(started) - ids
        assert not extra, f"{len(extra)} tasks were started and are not there any more: {extra}"
        assert ids <= set(started), "a task runs that was never started"
        processes = self.task_processes()
        assert len(processes) == count, f"{len(processes)} processes of {count} tasks"
        return tasks


class Trouble:
    """Does things to processes at random moments; the seed tells which."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.pending = []  # (when, what)

    def due(self):
        now = time.monotonic()
        for entry in [entry for entry in self.pending if entry[0] <= now]:
            self.pending.remove(entry)
            entry[1]()

    def later(self, seconds, what):
        self.pending.append((time.monotonic() + seconds, what))

    def kill(self, process):
        if process.alive() and not process.stopped:
            process.kill()
            self.later(self.random.uniform(0.1, 2), process.start)

    def stop(self, process):
        if process.alive() and not process.stopped:
            process.stop()
            self.later(self.random.uniform(0.5, 3), process.go_on)

    def run(self, processes, seconds):
        end = time.monotonic() + seconds
        next_one = time.monotonic()
        while time.monotonic() < end or self.pending:
            self.due()
            if next_one <= time.monotonic() < end:
                process = self.random.choice(processes)
                (self.kill if self.random.random() < 0.6 else self.stop)(process)
                next_one = time.monotonic() + self.random.uniform(0.2, 1.5)
            time.sleep(0.02)
