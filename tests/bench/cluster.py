"""A running `ekiden mini` as the benchmarks see it: HTTP, the event stream, /proc."""
import http.client
import json
import os
import pathlib
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time

START_SECONDS_MAX = 30
WAIT_SECONDS_MAX = 120
RESOURCES = "cpus:1000;mem:1000000;disk:1000000;ports:[31000-40000]"


class Mini:
    """A cluster of one agent on free ports, in a folder of its own; `with` ends its tasks."""

    def __init__(self, bin_dir, *flags, marathon_port=0):
        self.binary = str(pathlib.Path(bin_dir).resolve() / "ekiden")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ekiden-bench-"))
        self.flags = ["--no-lb", "--no-dns", "--master-port", "0", "--agent-port", "0",
                      "--marathon-port", str(marathon_port), "--agent-resources", RESOURCES, *flags]
        self.process = None

    def __enter__(self):
        self.launch()
        ready = self.folder / "ready.json"
        deadline = time.monotonic() + START_SECONDS_MAX
        while not (ready.exists() and ready.stat().st_size):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"ekiden mini did not start: {self.log()}")
            time.sleep(0.01)
        self.port = int(json.loads(ready.read_text())["marathon"].rsplit(":", 1)[1])
        return self

    def launch(self):
        self.process = subprocess.Popen(
            [self.binary, "mini", "--data-dir", str(self.folder / "data"),
             "--ready-file", str(self.folder / "ready.json"), *self.flags],
            stdin=subprocess.DEVNULL, stdout=open(self.folder / "log", "w"),
            stderr=subprocess.STDOUT)
        self.pid = self.process.pid

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        subprocess.run([self.binary, "mini", "--data-dir", str(self.folder / "data"), "--destroy"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        return (self.folder / "log").read_text()[-2000:]

    def request(self, method, path, body=None):
        return request(self.port, method, path, body)

    def post_app(self, name, instances, command="sleep 100000"):
        app = {"id": name, "cmd": command, "cpus": 0.001, "mem": 32, "disk": 0,
               "instances": instances, "portDefinitions": []}
        status, data = self.request("POST", "/v2/apps", app)
        if status != 201:
            raise RuntimeError(f"POST of {name} was answered {status}: {data[:500]}")

    def delete_app(self, name):
        self.request("DELETE", f"/v2/apps{name}?force=true")
        wait_for(lambda: self.request("GET", f"/v2/apps{name}")[0] == 404, f"{name} is gone")
        wait_for(lambda: not json.loads(self.request("GET", "/v2/tasks")[1])["tasks"],
                 f"the tasks of {name} are gone")


class Events:
    """The event stream, read on a thread; each event with the monotonic time of its arrival."""

    def __init__(self, mini):
        self.queue = queue.Queue()
        self.connection = http.client.HTTPConnection("127.0.0.1", mini.port)
        self.connection.request("GET", "/v2/events", headers={"Accept": "text/event-stream"})
        self.answer = self.connection.getresponse()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        try:
            for line in self.answer:
                if line.startswith(b"data:"):
                    self.queue.put((time.monotonic(), json.loads(line[5:])))
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass

    def running(self, app, count):
        """Waits for `count` tasks of the app to run; the arrival of the first and the last."""
        first, last, tasks = None, None, set()
        while len(tasks) < count:
            at, event = self.queue.get(timeout=WAIT_SECONDS_MAX)
            if event.get("appId") == app and event.get("taskStatus") == "TASK_RUNNING":
                first, last = first or at, at
                tasks.add(event["taskId"])
            elif event.get("appId") == app and event.get("taskStatus") == "TASK_FAILED":
                raise RuntimeError(f"a task of {app} failed: {event.get('message')}")
        return first, last

    def close(self):
        if self.connection.sock:
            self.connection.sock.close()


def request(port, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_SECONDS_MAX)
    text = None if body is None else json.dumps(body)
    connection.request(method, path, text, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer.status, data


def get_json(url):
    port, path = url.split("//")[1].split("/", 1)
    return json.loads(request(int(port.rsplit(":", 1)[1]), "GET", "/" + path)[1])


def child_of(pid):
    return int(pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def wait_for(fact, what):
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not fact():
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited {WAIT_SECONDS_MAX} s in vain until {what}")
        time.sleep(0.01)


def status_kb(pid, name):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wakeups(pid):
    """Voluntary context switches of all threads: each is a return from sleep."""
    total = 0
    for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status"):
        for line in status.read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                total += int(line.split()[1])
    return total


def executors(mini):
    """The pids of this cluster's executors: children that name its folder."""
    found = []
    for cmdline in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = cmdline.read_bytes()
        except OSError:
            continue
        if words.startswith(b"ekiden-executor") and str(mini.folder).encode() in words:
            found.append(int(cmdline.parent.name))
    return found
