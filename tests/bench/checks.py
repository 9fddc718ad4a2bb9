"""[11] Health checks: many tasks of simulated agents, probed at nginx on a port each."""
import collections
import time

import cluster
from peers import Nginx, wrk
from rolling import on_simulated_agents
from rounds import Row, percentile
from simulated import Stack

PORTS = (20000, 20999)
AGENTS = 10
APPS_PER_AGENT = 10
INTERVAL = 10
PAUSE_SECONDS = 0.09  # between two apps: 100 of them are spread over one interval
MOST_ASKED = 20000  # checks a second
CONCURRENT = 256  # Marathon's default for probes at one time
MARATHON_P95_MS = 40  # published for 2,500 containers


def post_apps(stack, tasks, interval, checks_per_task, pause):
    """Apps of one agent each: port and path together name a task and its check."""
    names = []
    for number in range(AGENTS * APPS_PER_AGENT):
        name = f"/checked-{interval}-{number}"
        checks = [{"protocol": "HTTP", "path": f"{name}-{i}", "portIndex": 0, "timeoutSeconds": 5,
                   "intervalSeconds": interval, "gracePeriodSeconds": 300,
                   "maxConsecutiveFailures": 0} for i in range(checks_per_task)]
        stack.must("POST", "/v2/apps", {
            "id": name, "cmd": "sleep 100000", "cpus": 0.001, "mem": 1, "disk": 0,
            "instances": tasks // (AGENTS * APPS_PER_AGENT), "healthChecks": checks,
            "constraints": [["hostname", "CLUSTER", f"simulated-{number // APPS_PER_AGENT + 1}"]],
            **on_simulated_agents()})
        names.append(name)
        time.sleep(pause)
    cluster.wait_for(lambda: all_healthy(stack, tasks), f"{tasks} tasks are healthy")
    return names


def all_healthy(stack, tasks):
    time.sleep(0.3)
    metrics = cluster.request(stack.port, "GET", "/metrics/prometheus")[1].decode()
    healthy = [line for line in metrics.splitlines()
               if line.startswith("marathon_instances_healthy_gauge")]
    return bool(healthy) and float(healthy[0].split()[-1]) == tasks


def schedule_errors(lines):
    """Milliseconds between what the interval says and when each check came after its last one."""
    last, errors = {}, []
    for at, port, path, _ in lines:
        if (port, path) in last:
            errors.append(abs(at - last[port, path] - INTERVAL) * 1000)
        last[port, path] = at
    return errors, len(last)


def steady(bench, stack, nginx, tasks):
    post_apps(stack, tasks, INTERVAL, 1, PAUSE_SECONDS)
    time.sleep(1)
    place = nginx.log_end()
    cpu, start = stack.cpu("marathon"), time.monotonic()
    time.sleep(1.5 * INTERVAL)
    seconds = time.monotonic() - start
    share = (stack.cpu("marathon") - cpu) / seconds * 100
    lines = [line for line in nginx.log_lines(place) if line[2].startswith("/checked-")]
    errors, seen = schedule_errors(lines)
    reused = sum(line[3] > 1 for line in lines) / len(lines) * 100
    if seen != tasks:
        raise RuntimeError(f"{seen} of {tasks} tasks were checked within {seconds:.0f} s")
    rate = len(lines) / seconds
    limit = 8 * tasks / 10000
    p95, p99 = percentile(errors, 0.95), percentile(errors, 0.99)
    busiest = max(collections.Counter(int(line[0]) for line in lines).values())
    return [Row(f"[11] {tasks} HTTP checks every {INTERVAL} s: CPU of marathon",
                f"{share:.1f} % of a core", f"{share * 1e4 / rate:.0f} us a check", "",
                f"<= {limit:.1f} %", share <= limit),
            Row("[11] the same: error of the schedule, p50 / p95 / p99 / max",
                f"{percentile(errors, 0.5):.0f} / {p95:.0f} / {p99:.0f} / {max(errors):.0f} ms",
                f"{MARATHON_P95_MS} ms p95 Marathon, 2,500", "", "p95 <= 20, p99 <= 50 ms",
                p95 <= 20 and p99 <= 50),
            Row("[11] the same: rate, busiest second, on kept connections",
                f"{rate:.0f}/s, {busiest}/s, {reused:.0f} %")]


def most(bench, stack, nginx, tasks, checks_per_task):
    """More is due each second than can be done; what is done."""
    seconds = 2 if bench.quick else 3
    limit = wrk(f"http://127.0.0.1:{nginx.port}/", seconds, CONCURRENT)[0]
    place = nginx.log_end()
    post_apps(stack, tasks, 1, checks_per_task, 0)
    cpu, start = stack.cpu("marathon"), time.time()
    time.sleep(seconds)
    end, used = time.time(), stack.cpu("marathon") - cpu
    done = sum(start <= line[0] < end and line[2].startswith("/checked-")
               for line in nginx.log_lines(place))
    rate = done / (end - start)
    return [Row(f"[11] most checks a second, {tasks * checks_per_task} asked", f"{rate:.0f}/s",
                f"{limit:.0f}/s wrk, {CONCURRENT} connections", f"{rate / limit:.2f}", ">= 0.4",
                rate / limit >= 0.4),
            Row("[11] the same: CPU of marathon per check", f"{used * 1e6 / done:.0f} us",
                f"{used / (end - start) * 100:.0f} % of a core")]


def checks(bench):
    tasks = 2000 if bench.quick else 10000
    nginx = Nginx({}, PORTS)
    resources = f"cpus:1000;mem:100000;disk:100000;ports:[{PORTS[0]}-{PORTS[1]}]"
    try:
        with Stack(bench) as stack:
            stack.start_agents(AGENTS, resources)
            rows = steady(bench, stack, nginx, tasks)
        with Stack(bench) as stack:
            stack.start_agents(AGENTS, resources)
            rows += most(bench, stack, nginx, tasks, MOST_ASKED // tasks)
        return rows
    finally:
        nginx.close()


ALL = {"checks": checks}
