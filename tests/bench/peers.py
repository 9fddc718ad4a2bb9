"""What the rows compare with: wrk as the client, nginx as the server of the same bytes."""
import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import time

import cluster

WRK_CONNECTIONS = 64


def wrk(url, seconds, connections=WRK_CONNECTIONS):
    """(requests a second, p99 in ms)"""
    text = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", url],
                          capture_output=True, text=True, timeout=60, check=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(f"wrk saw errors at {url}: {text}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    return rate, float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def probe(bench, *words):
    answer = subprocess.run([str(bench.bin / "bench_spawn_probe"), *map(str, words)],
                            capture_output=True, text=True, timeout=120, check=True)
    return json.loads(answer.stdout)


class Nginx:
    """One worker that serves `files` by name; everything else is answered 200. It listens on a free
    port and, when given, on all of `ports`; a log tells time, port, path and the place of a request
    in its connection."""

    def __init__(self, files, ports=None):
        self.folder = tempfile.TemporaryDirectory(prefix="ekiden-bench-")
        root = pathlib.Path(self.folder.name)
        root.chmod(0o755)
        self.log_file = root / "access"
        for name, body in files.items():
            (root / name).write_bytes(body)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        listens = f"listen 127.0.0.1:{self.port};"
        log = "access_log off;"
        if ports:
            listens += f" listen 127.0.0.1:{ports[0]}-{ports[1]};"
            log = (f"log_format bench '$msec $server_port $uri $connection_requests';"
                   f" access_log {self.log_file} bench buffer=64k flush=200ms;")
        named = " ".join(f"location = /{name} {{ }}" for name in files)
        (root / "nginx.conf").write_text(f"""
            worker_processes 1; worker_rlimit_nofile 20000; daemon off; pid {root}/pid;
            error_log {root}/error; events {{ worker_connections 16000; }}
            http {{ {log} default_type application/json; keepalive_requests 100000000;
              keepalive_timeout 300s; open_file_cache max=10; sendfile on; tcp_nopush on;
              client_body_temp_path {root}/b; proxy_temp_path {root}/p; fastcgi_temp_path {root}/f;
              uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;
              server {{ {listens} root {root}; {named} location / {{ return 200 "ok"; }} }} }}""")
        self.process = subprocess.Popen(["nginx", "-c", str(root / "nginx.conf")],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cluster.wait_for(self.answers, "nginx answers")

    def answers(self):
        if self.process.poll() is not None:
            error = pathlib.Path(self.folder.name) / "error"
            raise RuntimeError(f"nginx ended: {error.read_text() if error.exists() else ''}")
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def log_lines(self, start=0):
        """[(epoch seconds, port, path, place in its connection)] behind the byte `start`."""
        time.sleep(0.5)  # longer than `flush`
        with open(self.log_file) as log:
            log.seek(start)
            words = [line.split() for line in log if line.endswith("\n")]
        return [(float(w[0]), int(w[1]), w[2], int(w[3])) for w in words]

    def log_end(self):
        time.sleep(0.5)
        return os.path.getsize(self.log_file)

    def close(self):
        self.process.terminate()
        self.process.wait(10)
        self.folder.cleanup()
