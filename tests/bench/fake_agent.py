"""An agent with one executor, to measure the time from LAUNCH to the task's exec from outside."""
import http.server
import json
import os
import pathlib
import subprocess
import tempfile
import threading
import time

WAIT_SECONDS_MAX = 10


def record(event):
    text = json.dumps(event).encode()
    return str(len(text)).encode() + b"\n" + text


class FakeAgent:
    """Answers SUBSCRIBE with SUBSCRIBED and, a moment later, LAUNCH; accepts everything else."""

    def __init__(self, executor, stamp_program):
        self.executor = executor
        self.stamp_program = stamp_program
        self.launched = None
        agent = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if json.loads(body)["type"] != "SUBSCRIBE":
                    self.send_response(202)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.chunk(record(agent.subscribed()))
                time.sleep(0.05)  # the executor is idle when LAUNCH comes, as the target says
                agent.launched = time.monotonic_ns()
                self.chunk(record(agent.launch()))
                agent.done.wait(WAIT_SECONDS_MAX)
                self.close_connection = True

            def chunk(self, data):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                self.wfile.flush()

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # the executor is killed while it speaks
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def subscribed(self):
        return {"type": "SUBSCRIBED", "subscribed": {
            "executor_info": {"type": "DEFAULT", "executor_id": {"value": "e"},
                              "framework_id": {"value": "f"}, "command": {"value": "x"}},
            "framework_info": {"user": "root", "name": "bench", "id": {"value": "f"}},
            "agent_info": {"hostname": "127.0.0.1", "id": {"value": "a"}},
            "container_id": {"value": "c"}}}

    def launch(self):
        return {"type": "LAUNCH", "launch": {"task": {
            "name": "t", "task_id": {"value": "t"}, "agent_id": {"value": "a"},
            "command": {"shell": False, "value": self.stamp_program,
                        "arguments": ["stamp", str(self.stamp)]}}}}

    def measure(self):
        """Seconds from LAUNCH to exec of one new executor."""
        self.done = threading.Event()
        with tempfile.TemporaryDirectory(prefix="ekiden-bench-") as folder:
            self.stamp = pathlib.Path(folder) / "stamp"
            self.stamp.touch()
            port = self.server.server_address[1]
            environment = dict(os.environ, MESOS_FRAMEWORK_ID="f", MESOS_EXECUTOR_ID="e",
                               MESOS_SLAVE_ID="a", MESOS_AGENT_ENDPOINT=f"127.0.0.1:{port}",
                               MESOS_DIRECTORY=folder, MESOS_SANDBOX=folder,
                               MESOS_CHECKPOINT="0", MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD="1secs")
            executor = subprocess.Popen([self.executor], env=environment, cwd=folder,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
            try:
                deadline = time.monotonic() + WAIT_SECONDS_MAX
                while not self.stamp.stat().st_size:
                    if time.monotonic() > deadline:
                        raise RuntimeError("the executor started no task within 10 s")
                    time.sleep(0.002)
                return (int(self.stamp.read_text().split()[0]) - self.launched) / 1e9
            finally:
                self.done.set()
                executor.kill()
                executor.wait()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
