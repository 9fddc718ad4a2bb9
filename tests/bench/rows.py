"""The rows of the table; numbers in brackets are those of the scorecard."""
import socket
import time

import allocator_rows
import checks
import cluster
import commits
import fanout
import loaded
import rolling
import simulated
from fake_agent import FakeAgent
from peers import WRK_CONNECTIONS, Nginx, probe, wrk
from rounds import Row, interleave, median, percentile, spread_text


def start_tasks(bench):
    """[3] One app of N sleeps on one agent, from POST to the last TASK_RUNNING."""
    rows = []
    with cluster.Mini(bench.bin) as mini:
        events = cluster.Events(mini)
        for count in ([20, 100] if bench.quick else [20, 100, 500]):
            number = iter(range(1000))

            def product():
                name = f"/start-{count}-{next(number)}"
                start = time.monotonic()
                mini.post_app(name, count)
                _, last = events.running(name, count)
                mini.delete_app(name)
                return count / (last - start)

            limit = lambda: count / probe(bench, "tasks", count, "sleep", "100000")["seconds"]
            readings, dropped, noisy = interleave(bench.rounds, limit, product)
            ratios = [ours / best for ours, best in readings]
            rows.append(Row(f"[3] start {count} processes, 1 agent",
                            spread_text([r[0] for r in readings], "{:.0f} tasks/s"),
                            spread_text([r[1] for r in readings], "{:.0f}/s spawn + cgroups"),
                            spread_text(ratios, "{:.2f}") + (" noisy" if noisy else ""),
                            ">= 0.5", median(ratios) >= 0.5))
        events.close()
    return rows


def create_to_running(bench):
    """One app after another, from POST to its first TASK_RUNNING event."""
    times = []
    with cluster.Mini(bench.bin) as mini:
        events = cluster.Events(mini)
        for number in range(10 if bench.quick else 60):
            name = f"/one-{number}"
            start = time.monotonic()
            mini.post_app(name, 1)
            first, _ = events.running(name, 1)
            times.append((first - start) * 1000)
        events.close()
    limit = probe(bench, "tasks", 20, "sleep", "100000")["seconds"] / 20 * 1000
    return [Row("app create to first TASK_RUNNING, p50 / p99",
                f"{percentile(times, 0.5):.1f} / {percentile(times, 0.99):.1f} ms",
                f"{limit:.2f} ms spawn + cgroups", f"{percentile(times, 0.5) / limit:.0f}x")]


def start_up(bench):
    """[15] From the start of the process to the first 200, with an empty data folder."""
    times = []
    for _ in range(3 if bench.quick else 10):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        mini = cluster.Mini(bench.bin, marathon_port=port)
        start = time.monotonic()
        mini.launch()
        try:
            times.append((first_answer(port) - start) * 1000)
        finally:
            mini.__exit__()
    true = probe(bench, "serial", 100, "true")["seconds"] / 100 * 1000
    return [Row("[15] empty start to first 200", spread_text(times, "{:.0f} ms"),
                f"{true:.2f} ms spawn of true", f"{median(times) / true:.0f}x", "<= 50 ms",
                median(times) <= 50)]


def first_answer(port):
    deadline = time.monotonic() + cluster.START_SECONDS_MAX
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(b"GET /v2/info HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                if connection.recv(64).startswith(b"HTTP/1.1 200"):
                    return time.monotonic()
        except OSError:
            pass
        time.sleep(0.001)
    raise RuntimeError(f"nothing answered 200 on port {port}")


def idle(bench):
    """[15] CPU, wake-ups and memory with nothing to do; memory and executors with 100 tasks."""
    rows = []
    seconds = 5 if bench.quick else 60
    with cluster.Mini(bench.bin) as mini:
        time.sleep(1)
        empty = cluster.status_kb(mini.pid, "VmRSS") / 1024
        rows += idle_rows(mini, seconds, "0 tasks")
        events = cluster.Events(mini)
        mini.post_app("/hundred", 100)
        events.running("/hundred", 100)
        events.close()
        time.sleep(1)
        full = cluster.status_kb(mini.pid, "VmRSS") / 1024
        rows += idle_rows(mini, seconds, "100 tasks")
        rows.append(Row("[15] memory of ekiden mini, 0 tasks", f"{empty:.1f} MB", "", "",
                        "<= 40 MB", empty <= 40))
        rows.append(Row("memory of ekiden mini, 100 tasks", f"{full:.1f} MB", f"{empty:.1f} MB empty",
                        f"{(full - empty) * 10.24:.1f} KB a task", "<= 40 MB", full <= 40))
        resident = [cluster.status_kb(pid, "VmRSS") / 1024 for pid in cluster.executors(mini)]
        rows.append(Row(f"memory of an executor, largest of {len(resident)}",
                        f"{max(resident):.2f} MB", "", "", "<= 4 MB", max(resident) <= 4))
    return rows


def idle_rows(mini, seconds, what):
    cpu, woken = cluster.cpu_seconds(mini.pid), cluster.wakeups(mini.pid)
    time.sleep(seconds)
    share = (cluster.cpu_seconds(mini.pid) - cpu) / seconds * 100
    rate = (cluster.wakeups(mini.pid) - woken) / seconds
    return [Row(f"[15] idle for {seconds} s, {what}: CPU", f"{share:.2f} % of a core", "", "",
                "<= 0.5 %", share <= 0.5),
            Row(f"[15] idle for {seconds} s, {what}: wake-ups", f"{rate:.1f}/s", "", "", "<= 20/s",
                rate <= 20)]


def launch_to_exec(bench):
    """From LAUNCH on the executor's stream to the first instruction of the task."""
    agent = FakeAgent(str((bench.bin / "ekiden-executor").resolve()),
                      str((bench.bin / "bench_exec_stamp").resolve()))
    times = [agent.measure() * 1000 for _ in range(5 if bench.quick else 30)]
    agent.close()
    limit = probe(bench, "serial", 50, str(bench.bin / "bench_exec_stamp"), "/dev/null")
    limit = limit["seconds"] / 50 * 1000
    return [Row("executor: LAUNCH to the task's exec, p50 / max",
                f"{median(times):.2f} / {max(times):.2f} ms", f"{limit:.2f} ms spawn + wait",
                f"{median(times) / limit:.1f}x", "<= 15 ms", median(times) <= 15)]


def single_app(bench):
    """[5] GET of one app by 64 connections, against nginx with the same bytes."""
    seconds = 1 if bench.quick else 3
    with cluster.Mini(bench.bin) as mini:
        events = cluster.Events(mini)
        mini.post_app("/single", 1)
        events.running("/single", 1)
        events.close()
        time.sleep(0.5)
        status, body = mini.request("GET", "/v2/apps/single")
        if status != 200:
            raise RuntimeError(f"GET of the app was answered {status}")
        nginx = Nginx({"app": body})
        worst = []
        try:
            peer = lambda: wrk(f"http://127.0.0.1:{nginx.port}/app", seconds)
            ours = lambda: wrk(f"http://127.0.0.1:{mini.port}/v2/apps/single", seconds)

            def product():
                rate, p99 = ours()
                worst.append(p99)
                return rate

            peer_p99 = peer()[1]
            readings, _, noisy = interleave(bench.rounds, lambda: peer()[0], product)
        finally:
            nginx.close()
    ratios = [a / b for a, b in readings]
    return [Row(f"[5] GET /v2/apps/ID, {len(body)} bytes, {WRK_CONNECTIONS} connections",
                spread_text([r[0] / 1000 for r in readings], "{:.1f}k req/s"),
                spread_text([r[1] / 1000 for r in readings], "{:.1f}k req/s nginx"),
                spread_text(ratios, "{:.2f}") + (" noisy" if noisy else ""), ">= 0.5",
                median(ratios) >= 0.5),
            Row("[5] the same: p99", f"{median(worst):.1f} ms", f"{peer_p99:.1f} ms nginx",
                f"{median(worst) / peer_p99:.1f}x", "<= 10 ms", median(worst) <= 10)]


ALL = {"start": start_tasks, "create": create_to_running, "startup": start_up, "idle": idle,
       "exec": launch_to_exec, "single": single_app, "cycle": allocator_rows.cycle,
       **rolling.ALL, **loaded.ALL, **fanout.ALL, **checks.ALL, **commits.ALL, **simulated.ALL}
