"""Marathon's API under load, on a master it does not know, and over changes of leadership."""
import http.server
import json
import socket
import sys
import threading
import time

from ekiden import ROOT, Cluster, main, request, story, wait_for

sys.path.insert(0, str(ROOT / "tests" / "integration" / "faults"))
import cluster as faults  # noqa: E402  (separate processes)

READERS = 200
PATHS = ("/v2/apps", "/v2/apps?embed=apps.tasks&embed=apps.counts", "/v2/apps/load/a0?embed=app.tasks",
         "/v2/groups", "/v2/deployments", "/v2/tasks", "/v2/queue")


def check_app(app):
    """An object that was read in the middle of a change would contradict itself."""
    assert app["version"] == app["versionInfo"]["lastScalingAt"] or \
        app["versionInfo"]["lastConfigChangeAt"] <= app["version"], app
    if "tasks" in app and "tasksRunning" in app:
        running = sum(task["state"] == "TASK_RUNNING" for task in app["tasks"])
        assert app["tasksRunning"] == running, (app["tasksRunning"], running, app["id"])
    assert app["env"]["A"] == app["labels"]["A"], "half of one definition, half of another"


class Reader(threading.Thread):
    def __init__(self, address, path, over):
        super().__init__(daemon=True)
        self.address, self.path, self.over = address, path, over
        self.count, self.problem = 0, None

    def run(self):
        import http.client
        connection = http.client.HTTPConnection(self.address, timeout=60)
        try:
            while not self.over.is_set():
                connection.request("GET", self.path)
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != 200:
                    raise AssertionError(f"{self.path}: {answer.status} {body[:200]}")
                value = json.loads(body)
                apps = value.get("apps", [value["app"]] if "app" in value else []) \
                    if isinstance(value, dict) and self.path.startswith("/v2/apps") else []
                for app in apps:
                    check_app(app)
                self.count += 1
        except Exception as error:  # reported by the story
            self.problem = error
        finally:
            connection.close()


@story
def two_hundred_readers_see_whole_objects_while_ten_deployments_run():
    with Cluster("--no-dns", "--no-lb") as cluster:
        for i in range(10):
            cluster.create({"id": f"/load/a{i}", "cmd": "sleep 600", "cpus": 0.01, "mem": 16,
                            "instances": 2, "env": {"A": "0"}, "labels": {"A": "0"}})
        cluster.quiet(60)
        over = threading.Event()
        readers = [Reader(cluster.api_address, PATHS[i % len(PATHS)], over) for i in range(READERS)]
        for reader in readers:
            reader.start()
        turn, end = 0, time.monotonic() + 6
        while turn < 3 or time.monotonic() < end:
            turn += 1
            for i in range(10):
                answer = cluster.api("PUT", f"/v2/apps/load/a{i}?force=true", timeout=60, body={
                    "env": {"A": str(turn)}, "labels": {"A": str(turn)}, "instances": 1 + turn % 3})
                assert answer.status == 200, answer
        over.set()
        for reader in readers:
            reader.join(90)
            assert not reader.is_alive(), reader.path
        problems = [reader.problem for reader in readers if reader.problem]
        assert not problems, problems[0]
        assert sum(reader.count for reader in readers) > READERS
        for i in range(10):
            cluster.running(f"/load/a{i}", 1 + turn % 3, 60)


class Redirector:
    """Stands where a master does not lead: every request is sent to the one that does."""

    def __init__(self, leader):
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802 (the library's name)
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(307)
                self.send_header("Location", f"//{leader}{self.path}")
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST  # noqa: N815

            def log_message(self, *_):
                pass
        self.asked = 0
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class BehindRedirect(faults.Cluster):
    def __init__(self, name):
        super().__init__(name, agent_prefixes=((),))
        self.redirector = Redirector(self.master_address)
        command = self.marathon.command
        command[command.index("--master") + 1] = f"http://{self.redirector.address}"

    def __exit__(self, *error):
        super().__exit__(*error)
        self.redirector.close()


@story
def a_redirect_leads_to_the_master_and_the_framework_keeps_its_id():
    with BehindRedirect("redirect") as cluster:
        answer = cluster.api("POST", "/v2/apps", {"id": "/web", "cmd": "sleep 600", "cpus": 0.1,
                                                  "mem": 16, "instances": 3})
        assert answer.status == 201, answer

        def tasks():
            found = cluster.api("GET", "/v2/apps/web/tasks").json()["tasks"]
            assert len(found) == 3 and all(t["state"] == "TASK_RUNNING" for t in found), found
            return sorted(task["id"] for task in found)
        before = wait_for(tasks, 30, "three tasks")
        framework = cluster.api("GET", "/v2/info").json()["frameworkId"]
        for process in (cluster.master, cluster.marathon, cluster.master):
            process.kill()
            process.start()
            wait_for(cluster.connected, 40, f"everybody to be back after {process.name} was killed")
        assert wait_for(tasks, 30, "the same three tasks") == before
        assert cluster.api("GET", "/v2/info").json()["frameworkId"] == framework
        state = request(cluster.master_address, "GET", "/state").json()
        assert [f["id"] for f in state["frameworks"]] == [framework], state["frameworks"]
        assert cluster.api("PUT", "/v2/apps/web", {"instances": 4}).status == 200
        wait_for(lambda: len(cluster.api("GET", "/v2/apps/web/tasks").json()["tasks"]) == 4, 30, "a fourth")


@story
def a_reader_of_events_misses_nothing_and_a_new_leader_goes_on():
    with Cluster("--no-dns", "--no-lb") as cluster:
        first = raw_events(cluster, "?ids", {})
        cluster.create({"id": "/one", "cmd": "sleep 600", "cpus": 0.01, "mem": 16})
        cluster.running("/one", 1)
        last = first.wait_for("deployment_success")
        first.close()
        cluster.create({"id": "/two", "cmd": "sleep 600", "cpus": 0.01, "mem": 16})
        cluster.running("/two", 1)
        second = raw_events(cluster, "", {"Last-Event-ID": last})
        second.wait_for("deployment_success")
        types = [kind for kind, _ in second.frames]
        assert "events_lost" not in types, types
        assert types.index("group_change_success") < types.index("deployment_success"), types
        tasks = [task["id"] for task in cluster.tasks("/one") + cluster.tasks("/two")]
        assert cluster.api("DELETE", "/v2/leader").json()["message"] == "Leadership abdicated"
        wait_for(lambda: second.ended, 10, "the stream to be closed")
        second.close()
        cluster.create({"id": "/three", "cmd": "sleep 600", "cpus": 0.01, "mem": 16})
        cluster.running("/three", 1)
        assert [t["id"] for t in cluster.tasks("/one") + cluster.tasks("/two")] == tasks
        history = cluster.api("GET", "/v2/deployments/history").json()
        assert [d["changes"][0]["app"] for d in history] == ["/three", "/two", "/one"], history
        assert all(d["outcome"] == "succeeded" for d in history), history


class raw_events:  # noqa: N801 (reads like a call)
    """The stream with ids: frames are (type, id)."""

    def __init__(self, cluster, query, headers):
        host, port = cluster.api_address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        lines = [f"GET /v2/events{query} HTTP/1.1", f"Host: {host}", "Accept: text/event-stream"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.frames, self.ended = [], False
        threading.Thread(target=self.read, daemon=True).start()
        wait_for(lambda: self.frames, 10, "the stream to begin")

    def read(self):
        kind, number = None, None
        try:
            for line in self.socket.makefile("r", newline="\r\n"):
                if line.startswith("id: "):
                    number = line[4:].strip()
                elif line.startswith("event: "):
                    kind = line[7:].strip()
                elif line.startswith("data: "):
                    self.frames.append((kind, number))
        except (OSError, ValueError):
            pass
        self.ended = True

    def wait_for(self, kind):
        return wait_for(lambda: next((i for k, i in reversed(self.frames) if k == kind), None), 20, kind)

    def close(self):
        self.socket.close()


if __name__ == "__main__":
    main()
