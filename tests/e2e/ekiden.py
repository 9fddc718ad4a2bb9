"""Starts real clusters for the stories and talks to them; standard library only.

A story is a file story_*.py with functions marked @story; `main()` runs them in order and prints one
line each: `ok NAME`, `not ok NAME: why`, `skip NAME: why`.
"""
import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BINARY = Path(os.environ.get("EKIDEN_BIN", ROOT / "build" / "release" / "bin" / "ekiden"))


class Skip(Exception):
    pass


def wait_for(condition, seconds, why):
    """Calls condition until it gives something true; its last exception is part of the failure."""
    end = time.monotonic() + seconds
    last = None
    while True:
        try:
            value = condition()
            if value:
                return value
            last = value
        except (OSError, AssertionError, http.client.HTTPException, ValueError, KeyError,
                IndexError, TypeError) as error:
            last = error
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for: {why}; last seen: {last!r}")
        time.sleep(0.05)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:400]!r}"


def request(address, method, path, body=None, headers=None, timeout=20):
    connection = http.client.HTTPConnection(address, timeout=timeout)
    try:
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        given = dict(headers or {})
        if body is not None and "Content-Type" not in given:
            given["Content-Type"] = "application/json"
        connection.request(method, path, body, given)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


class Events:
    """Collects the event stream: self.all is a list of (seconds, type, data)."""

    def __init__(self, address, query=""):
        self.all = []
        self._connection = http.client.HTTPConnection(address, timeout=120)
        self._connection.request("GET", "/v2/events" + query, headers={"Accept": "text/event-stream"})
        self._raw = self._connection.sock
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200, self._answer.status
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        wait_for(lambda: self.types("event_stream_attached"), 5, "the stream to open")

    def _read(self):
        kind = None
        with contextlib.suppress(OSError, ValueError, AttributeError, http.client.HTTPException):
            for line in self._answer:
                text = line.decode().rstrip("\r\n")
                if text.startswith("event:"):
                    kind = text[6:].strip()
                elif text.startswith("data:"):
                    self.all.append((time.monotonic(), kind, json.loads(text[5:])))

    def types(self, *kinds):
        return [event for event in list(self.all) if event[1] in kinds]

    def close(self):
        with contextlib.suppress(OSError):
            self._raw.shutdown(socket.SHUT_RDWR)


class Cluster:
    """`ekiden mini` in a folder of its own, every port free, ended and destroyed on exit."""

    def __init__(self, *args, env=None, folder=None):
        self.folder = Path(folder or tempfile.mkdtemp(prefix="ekiden-e2e-"))
        self.data = self.folder / "data"
        self.args, self.env, self.process, self.ready = list(args), env, None, {}
        self.log_path = self.folder / "mini.log"

    def command(self, *more):
        return [str(BINARY), "mini", "--data-dir", str(self.data), *map(str, more)]

    def start(self, wait=30):
        ready_file = self.folder / "ready.json"
        ready_file.unlink(missing_ok=True)
        ports = []
        for flag in ("marathon", "master", "agent", "dns", "dns-http", "lb-http", "lb-admin"):
            if f"--{flag}-port" not in self.args:
                ports += [f"--{flag}-port", "0"]
        self.log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            self.command("--ready-file", ready_file, *ports, *self.args), stdout=self.log,
            stderr=subprocess.STDOUT, env={**os.environ, **(self.env or {})}, start_new_session=True)
        def is_ready():
            assert self.process.poll() is None, f"mini ended: {self.tail()}"
            return ready_file.exists() and json.loads(ready_file.read_text())
        self.ready = wait_for(is_ready, wait, "ekiden mini to be ready")
        return self

    def address(self, name):
        return urllib.parse.urlsplit(self.ready[name]).netloc or self.ready[name]

    @property
    def api_address(self):
        return self.address("marathon")

    def api(self, method, path, body=None, headers=None, timeout=20):
        return request(self.api_address, method, path, body, headers, timeout)

    def events(self, query=""):
        return Events(self.api_address, query)

    def interrupt(self, seconds=15):
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(seconds)
        return code

    def kill9(self):
        self.process.kill()
        self.process.wait()

    def tail(self, lines=25):
        with contextlib.suppress(OSError):
            return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])
        return ""

    def destroy(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
            if self.process.poll() is None:
                self.kill9()
        if self.data.exists():
            done = subprocess.run(self.command("--destroy"), capture_output=True, timeout=60,
                                  env={**os.environ, **(self.env or {})})
            return done.returncode, (done.stdout + done.stderr).decode()
        return 0, ""

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, error, trace):
        if error is not None and not isinstance(error, Skip):
            print(f"--- last lines of {self.log_path}:\n{self.tail()}", flush=True)
        self.destroy()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- what stories ask again and again
    def create(self, app, expect=201):
        answer = self.api("POST", "/v2/apps", app)
        assert answer.status == expect, answer
        return answer.json()

    def app(self, app_id):
        answer = self.api("GET", f"/v2/apps/{app_id.strip('/')}")
        assert answer.status == 200, answer
        return answer.json()["app"]

    def tasks(self, app_id):
        answer = self.api("GET", f"/v2/apps/{app_id.strip('/')}/tasks")
        assert answer.status == 200, answer
        return answer.json()["tasks"]

    def running(self, app_id, count, seconds=30, healthy=False):
        """The tasks, once exactly `count` run (and are healthy) and no deployment is left."""
        def settled():
            tasks = [task for task in self.tasks(app_id) if task["state"] == "TASK_RUNNING"]
            assert len(tasks) == count == len(self.tasks(app_id)), self.tasks(app_id)
            assert not self.app(app_id)["deployments"], "still deploying"
            if healthy:
                assert all(task["healthCheckResults"] and
                           all(result["alive"] for result in task["healthCheckResults"])
                           for task in tasks), tasks
            return tasks or True
        return wait_for(settled, seconds, f"{count} running tasks of {app_id}")

    def quiet(self, seconds=30):
        wait_for(lambda: self.api("GET", "/v2/deployments").json() == [], seconds, "no deployment")

    def sandbox(self, task_id):
        """The sandbox folder of a task."""
        found = [path for path in self.data.glob(f"**/executors/{task_id}/runs/latest")]
        assert found, f"no sandbox of {task_id} below {self.data}"
        return found[0]


class DockerEngine:
    """Debian's docker.io on a private socket and data folder, with the image hello_world:latest."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="ekiden-docker-"))
        self.socket = self.folder / "docker.sock"

    def __enter__(self):
        for name in ("dockerd", "docker"):
            if not shutil.which(name):
                raise Skip(f"{name} is not installed")
        self.log = open(self.folder / "dockerd.log", "wb")
        self.process = subprocess.Popen(
            ["dockerd", "-H", f"unix://{self.socket}", "--data-root", str(self.folder / "data"),
             "--exec-root", str(self.folder / "exec"), "--pidfile", str(self.folder / "pid"),
             "--storage-driver", "overlay2"],
            stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            wait_for(lambda: self.docker("version").returncode == 0, 40, "dockerd to answer")
            self.make_image()
        except BaseException:
            print((self.folder / "dockerd.log").read_text(errors="replace")[-2000:])
            self.__exit__(None, None, None)
            raise
        return self

    def docker(self, *args, **kwargs):
        return subprocess.run(["docker", "-H", f"unix://{self.socket}", *args],
                              capture_output=True, timeout=120, **kwargs)

    def make_image(self):
        root = self.folder / "root"
        for name in ("bin", "www", "etc", "tmp"):
            (root / name).mkdir(parents=True)
        shutil.copy("/bin/busybox", root / "bin" / "busybox")
        for name in ("sh", "httpd", "sleep"):
            (root / "bin" / name).symlink_to("busybox")
        (root / "www" / "index.html").write_text("hello from a container\n")
        tar = subprocess.run(["tar", "-C", str(root), "-c", "."], capture_output=True, check=True)
        done = self.docker("import", "--change",
                           'CMD ["/bin/httpd","-f","-p","9001","-h","/www"]', "-",
                           "hello_world:latest", input=tar.stdout)
        assert done.returncode == 0, done.stderr

    def __exit__(self, *_):
        ids = self.docker("ps", "-aq").stdout.decode().split()
        if ids:
            self.docker("rm", "-f", *ids)
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        for line in reversed(Path("/proc/mounts").read_text().splitlines()):
            mount = line.split()[1]
            if mount.startswith(str(self.folder)):
                subprocess.run(["umount", "-l", mount], capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def dig(cluster, *question):
    host, port = cluster.ready["dns"].rsplit(":", 1)
    done = subprocess.run(["dig", f"@{host}", "-p", port, "+tries=1", "+time=2", *question],
                          capture_output=True, text=True, timeout=20)
    return done.stdout


def records(text, section):
    lines, inside = [], False
    for line in text.splitlines():
        if line.startswith(";;"):
            inside = line.startswith(f";; {section} SECTION")
        elif inside and line.strip() and not line.startswith(";"):
            lines.append(line.split())
    return lines


# An HTTP server that answers with its own version and finishes what it has begun on SIGTERM.
SERVER = ROOT / "tests" / "e2e" / "server.py"


def server_command(text="v1"):
    return f"exec {sys.executable} {SERVER} $PORT0 {text}"


HEALTH = {"protocol": "HTTP", "path": "/", "portIndex": 0, "gracePeriodSeconds": 30,
          "intervalSeconds": 1, "timeoutSeconds": 5, "maxConsecutiveFailures": 3}

_stories = []


def story(function):
    _stories.append(function)
    return function


def main():
    failed = False
    words = sys.argv[1:]
    for function in _stories:
        name = function.__name__.replace("_", " ")
        if words and not any(word in function.__name__ for word in words):
            continue
        start = time.monotonic()
        try:
            function()
            print(f"ok {name} ({time.monotonic() - start:.1f} s)", flush=True)
        except Skip as reason:
            print(f"skip {name}: {reason}", flush=True)
        except BaseException as error:  # a story must never hide the next one
            failed = True
            print(f"not ok {name}: {str(error).splitlines()[0] if str(error) else error!r}", flush=True)
            traceback.print_exc(file=sys.stdout)
            if isinstance(error, KeyboardInterrupt):
                break
    sys.exit(1 if failed else 0)
