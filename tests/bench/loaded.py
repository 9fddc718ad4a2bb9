"""[5] The API at a fixed rate while tasks are being deployed."""
import multiprocessing
import socket
import threading
import time

import cluster
from commits import sync_seconds
from peers import Nginx
from rounds import Row, interleave, median, percentile, spread_text
from simulated import Stack

PERIOD = 0.1  # between two apps of the load
HEADER_END = b"\r\n\r\n"


def ask(client, request):
    """(status, body) of one request on a connection that stays."""
    client.sendall(request)
    data = bytearray()
    while HEADER_END not in data:
        data += receive(client)
    head, _, rest = bytes(data).partition(HEADER_END)
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    length = int(fields[b"content-length"])
    body = bytearray(rest)
    while len(body) < length:
        body += receive(client)
    return int(head.split()[1]), bytes(body)


def receive(client):
    data = client.recv(256 * 1024)
    if not data:
        raise ConnectionError("the server closed the connection")
    return data


def request_text(method, path, body=b""):
    return (f"{method} {path} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def at_fixed_rate(pipe, port, requests, rate, seconds):
    """Sends {latencies in ms from the planned instant, wrong answers}: a late one counts as late."""
    client = socket.create_connection(("127.0.0.1", port), timeout=60)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    times, wrong, start = [], 0, time.monotonic()
    for number in range(max(1, int(rate * seconds))):
        due = start + number / rate
        time.sleep(max(0, due - time.monotonic()))
        status, _ = ask(client, requests[number % len(requests)])
        times.append((time.monotonic() - due) * 1000)
        wrong += status != 200
    pipe.send((times, wrong))


class Client:
    """One kind of request at a fixed rate, in a process of its own."""

    def __init__(self, port, requests, rate, seconds):
        self.pipe, far = multiprocessing.Pipe()
        self.seconds = seconds
        self.process = multiprocessing.Process(
            target=at_fixed_rate, args=(far, port, requests, rate, seconds), daemon=True)
        self.process.start()

    def result(self):
        try:
            if not self.pipe.poll(self.seconds + 60):
                raise RuntimeError("a client did not end")
            times, wrong = self.pipe.recv()
        finally:
            self.process.terminate()
            self.process.join()
        if wrong:
            raise RuntimeError(f"{wrong} of {len(times)} answers were not 200")
        return times


def load_app(number, tasks):
    return {"id": f"/load-{number}", "cmd": "sleep 100000", "cpus": 0.001, "mem": 1, "disk": 0,
            "instances": tasks, "portDefinitions": []}


class Load:
    """Posts an app of `tasks` each period until it is ended; all of them must run."""

    def __init__(self, stack, tasks, numbers):
        self.stack, self.tasks, self.numbers = stack, tasks, numbers
        self.apps, self.error = [], None
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.post)
        self.thread.start()

    def post(self):
        due = time.monotonic()
        try:
            while not self.done.wait(max(0, due - time.monotonic())):
                due += PERIOD
                app = load_app(next(self.numbers), self.tasks)
                self.stack.must("POST", "/v2/apps", app)
                self.apps.append(app["id"])
        except Exception as error:  # told to the row below
            self.error = error

    def end(self):
        self.done.set()
        self.thread.join()
        if self.error:
            raise self.error
        for app in self.apps:
            cluster.wait_for(lambda: self.stack.running(app)[0] == self.tasks, f"{app} runs")
        return len(self.apps) * self.tasks


def deploy_rate(stack, numbers, tasks):
    app = load_app(next(numbers), tasks)
    start = time.monotonic()
    stack.must("POST", "/v2/apps", app)
    cluster.wait_for(lambda: stack.running(app["id"])[0] == tasks, f"{app['id']} runs")
    return tasks / (time.monotonic() - start)


def fill(stack, apps):
    """So many apps without instances, one in ten with the label that is asked for, and /scaled."""
    known = [{"id": f"/many/app-{i}", "cmd": "sleep 100000", "cpus": 0.01, "mem": 32,
              "instances": 0, "labels": {"tier": "web" if i % 10 == 0 else "other",
                                         "owner": f"team-{i % 50}"}} for i in range(apps)]
    stack.must("PUT", "/v2/groups", {"id": "/", "groups": [{"id": "/many", "apps": known}]})
    cluster.wait_for(lambda: stack.request("GET", "/v2/deployments")[1] == b"[]", "apps are there")
    stack.must("POST", "/v2/apps", {**load_app(0, 1), "id": "/scaled"})


def kinds(apps):
    """{what: (requests, rate a second)}"""
    one = [request_text("GET", f"/v2/apps/many/app-{i}") for i in range(0, apps, 7)]
    scale = [request_text("PUT", "/v2/apps/scaled?force=true", b'{"instances": %d}' % (1 + i % 2))
             for i in range(2)]
    return {"GET of one app": (one, 200), "GET of all apps": (
        [request_text("GET", "/v2/apps")], 1), "GET of counts by label": (
        [request_text("GET", "/v2/apps?embed=apps.counts&label=tier%3D%3Dweb")], 5),
        "PUT scale": (scale, 5)}


def latencies(stack, wanted, seconds):
    clients = {what: Client(stack.port, requests, rate, seconds)
               for what, (requests, rate) in wanted.items()}
    return {what: client.result() for what, client in clients.items()}


def nginx_latencies(stack, wanted, seconds):
    """The same bytes at the same rate, under the same load, from nginx."""
    port_of = {"GET of one app": "one", "GET of all apps": "all"}
    nginx = Nginx({"one": stack.must("GET", "/v2/apps/many/app-0"),
                   "all": stack.must("GET", "/v2/apps")})
    try:
        clients = {what: Client(nginx.port, [request_text("GET", "/" + name)], wanted[what][1],
                                seconds) for what, name in port_of.items()}
        return {what: client.result() for what, client in clients.items()}
    finally:
        nginx.close()


def under_load(bench):
    apps, tasks, seconds = (1000, 1000, 4) if bench.quick else (10000, 5000, 8)
    numbers = iter(range(1, 1_000_000))
    with Stack(bench) as stack:
        stack.start_agents(100)
        fill(stack, apps)
        size = len(stack.must("GET", "/v2/apps"))
        deploy_rate(stack, numbers, tasks)  # the first one warms up
        alone = deploy_rate(stack, numbers, tasks)
        wanted = kinds(apps)
        quiet = latencies(stack, wanted, seconds / 2)
        half = max(1, int(alone / 2 * PERIOD))
        load = Load(stack, half, numbers)
        start = time.monotonic()
        busy = latencies(stack, wanted, seconds)
        peer = nginx_latencies(stack, wanted, seconds / 2)
        rate = load.end() / (time.monotonic() - start)
        rows = latency_rows(apps, size, rate, (quiet, busy, peer))
        rows.append(fall_row(bench, stack, numbers, tasks, wanted))
    return rows


def latency_rows(apps, size, rate, readings):
    quiet, busy, peer = readings
    sync = sync_seconds() * 1000
    limits = {"GET of one app": 10, "GET of all apps": 250 * max(1, size / 20e6),
              "GET of counts by label": None, "PUT scale": 5 * sync + 5}
    rows = []
    for what, times in busy.items():
        p99, limit = percentile(times, 0.99), limits[what]
        other, ratio = f"{percentile(quiet[what], 0.99):.1f} ms p99 idle", ""
        if what in peer:
            of_peer = percentile(peer[what], 0.99)
            other += f", {of_peer:.1f} nginx loaded"
            ratio = f"{p99 / of_peer:.1f}x"
        name = what + (f" ({size / 1e6:.1f} MB)" if what == "GET of all apps" else "")
        rows.append(Row(f"[5] {name}, {apps} apps, {rate:.0f} tasks/s started: p50 / p99",
                        f"{percentile(times, 0.5):.1f} / {p99:.1f} ms", other, ratio,
                        f"p99 <= {limit:.0f} ms" if limit else "",
                        None if limit is None else p99 <= limit))
    return rows


def fall_row(bench, stack, numbers, tasks, wanted):
    """Deploying as fast as possible, with and without the clients."""
    def product():
        clients = [Client(stack.port, requests, rate, 1.5)
                   for requests, rate in wanted.values()]
        rate = deploy_rate(stack, numbers, tasks)
        for client in clients:
            client.result()
        return rate

    readings, _, noisy = interleave(min(3, bench.rounds),
                                    lambda: deploy_rate(stack, numbers, tasks), product)
    ratios = [ours / alone for ours, alone in readings]
    return Row(f"[5] deploy of {tasks} tasks beside these requests",
               spread_text([r[0] for r in readings], "{:.0f} tasks/s"),
               spread_text([r[1] for r in readings], "{:.0f} tasks/s") + " alone",
               spread_text(ratios, "{:.2f}") + (" noisy" if noisy else ""), ">= 0.9",
               median(ratios) >= 0.9)


ALL = {"loaded": under_load}
