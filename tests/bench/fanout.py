"""[10] The event stream with a thousand readers, against a bare server of the same bytes."""
import time

import cluster
from fanout_clients import Process, connect, read_all, serve_bare
from rounds import Row, median, percentile, spread_text
from simulated import Stack

READERS = 1000  # as many as the product lets in
SLOW = 10
BURST_TASKS, LARGE_BURST_TASKS = 1000, 2500  # four events each
BURST_ROUNDS_MAX = 2  # of more than a gigabyte each
RAW_DELIVERIES, COALESCED_DELIVERIES = 79_000, 702_000  # of 200 bytes, in C, elsewhere
QUIET_SECONDS = 0.3


def readers_of(port, count, slow=False):
    process = Process(read_all, port, count, slow)
    process.hear()
    return process


def streams(stack):
    text = cluster.request(stack.port, "GET", "/metrics/prometheus")[1].decode()
    name = "marathon_http_event_streams_active_gauge"
    return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))


def settle(readers):
    """Waits until nothing arrives any more; the report."""
    deadline = time.monotonic() + 60
    last = readers.ask("report")
    while time.monotonic() < deadline:
        time.sleep(QUIET_SECONDS)
        report = readers.ask("report")
        if report["bytes"] == last["bytes"]:
            return report
        last = report
    raise RuntimeError("readers were still being written to after 60 s")


def one_event(stack, readers):
    """Milliseconds from the cause (one more reader attaches) to each of the others."""
    settle(readers)
    readers.ask("arm")
    start = time.monotonic()
    client = connect(stack.port)
    report = settle(readers)
    client.close()
    settle(readers)  # its leaving is an event too
    if set(report["events"]) != {1}:
        raise RuntimeError(f"readers saw {set(report['events'])} events instead of one")
    return [(at - start) * 1000 for at in report["arrived"]]


class Burst:
    """An app of many simulated tasks starts: all readers hear of each."""

    def __init__(self, stack, readers, name, tasks):
        settle(readers)
        readers.ask("arm")
        self.tasks = tasks
        cpu = stack.cpu("marathon")
        stack.must("POST", "/v2/apps", {"id": name, "cmd": "sleep 100000", "cpus": 0.001, "mem": 1,
                                        "disk": 0, "instances": tasks, "portDefinitions": []})
        cluster.wait_for(lambda: stack.running(name)[0] == tasks, f"{tasks} tasks run")
        report = settle(readers)
        self.cpu = stack.cpu("marathon") - cpu
        self.bytes, self.closed = report["bytes"], report["closed"]
        self.deliveries = sum(report["events"])
        if not self.deliveries:
            raise RuntimeError(f"no reader heard of {name}: {self.closed} were cut off before")
        self.seconds = max(report["arrived"]) - report["first"]
        self.most, self.least = max(report["events"]), min(report["events"])

    def rate(self):
        return self.deliveries / self.seconds


def bare(count, event, burst):
    """(ms of one event to each reader, [deliveries a second of the burst])"""
    server = Process(serve_bare, count)
    readers = readers_of(server.hear(), count)
    singles, rates = [], []
    try:
        for _ in range(BURST_ROUNDS_MAX):
            readers.ask("arm")
            start = server.ask(("send", event))
            singles += [(at - start) * 1000 for at in settle(readers)["arrived"]]
            readers.ask("arm")
            start = server.ask(("send", burst))
            report = settle(readers)
            rates.append(sum(report["events"]) / (max(report["arrived"]) - start))
    finally:
        readers.close()
        server.close()
    return singles, rates


def fan_out(bench):
    tasks = 100 if bench.quick else BURST_TASKS
    with Stack(bench) as stack:
        stack.start_agents(10)
        readers_of(stack.port, 100).close()  # what is there once is not counted below
        cluster.wait_for(lambda: streams(stack) == 0, "the first readers have gone")
        memory = cluster.status_kb(stack.pids["marathon"], "VmRSS")
        readers = readers_of(stack.port, READERS - SLOW - 1)
        try:
            settle(readers)
            memory = (cluster.status_kb(stack.pids["marathon"], "VmRSS") - memory) * 1024
            singles = [one for _ in range(bench.rounds) for one in one_event(stack, readers)]
            bursts = [Burst(stack, readers, f"/burst-{i}", tasks)
                      for i in range(min(BURST_ROUNDS_MAX, bench.rounds))]
            kept = readers.ask("kept")
            with_slow, more = slow_readers(stack, readers, tasks)
            large = Burst(stack, readers, "/large", 2 * tasks if bench.quick else LARGE_BURST_TASKS)
        finally:
            readers.close()
    event = kept[:kept.index(b"\r\n\r\n") + 4] if b"\r\n\r\n" in kept else kept[:200]
    peer_singles, peer_rates = bare(READERS - SLOW - 1, event, kept)
    return [single_row(singles, peer_singles), *burst_rows(bursts, peer_rates),
            Row("[7] memory of marathon per reader", f"{memory / (READERS - SLOW - 1):.0f} B", "", "",
                "<= 8 KB", memory / (READERS - SLOW - 1) <= 8192),
            *slow_rows(bursts, with_slow, more),
            Row(f"[10] one burst of {large.tasks * 4} events: readers cut off", f"{large.closed}",
                f"{large.rate() / 1000:.0f}k/s", "", "0", large.closed == 0)]


def single_row(ours, peer):
    ratio = percentile(ours, 0.99) / percentile(peer, 0.99)
    return Row(f"[10] one event to {READERS - SLOW - 1} readers, p50 / p99",
               f"{percentile(ours, 0.5):.1f} / {percentile(ours, 0.99):.1f} ms",
               f"{percentile(peer, 0.5):.1f} / {percentile(peer, 0.99):.1f} ms bare",
               f"{ratio:.1f}", "<= 1.5", ratio <= 1.5)


def burst_rows(bursts, peer_rates):
    rates = [burst.rate() for burst in bursts]
    ratio = median(rates) / median(peer_rates)
    last = bursts[-1]
    missed = sum((burst.most - burst.least) + burst.closed for burst in bursts)
    cpu = median([burst.cpu * 1e6 / burst.deliveries for burst in bursts])
    size = last.bytes / last.deliveries
    return [Row(f"[10] burst of {last.most} events of {size:.0f} B: deliveries",
                spread_text([r / 1000 for r in rates], "{:.0f}k/s"),
                spread_text([r / 1000 for r in peer_rates], "{:.0f}k/s") + " bare, coalesced",
                f"{ratio:.2f}", ">= 0.5", ratio >= 0.5),
            Row("[10] the same: bytes, CPU of marathon per delivery",
                f"{median(rates) * size / 1e6:.0f} MB/s, {cpu:.2f} us",
                f"{RAW_DELIVERIES // 1000}k/s raw, {COALESCED_DELIVERIES // 1000}k/s coalesced, 200 B"),
            Row("[10] the same: readers cut off, events missed", f"{missed}", "", "", "0",
                missed == 0)]


def slow_readers(stack, readers, tasks):
    """Bursts with ten more readers that never read; how many MB the product grew by."""
    slow = readers_of(stack.port, SLOW, slow=True)
    try:
        before = cluster.status_kb(stack.pids["marathon"], "VmRSS")
        bursts = [Burst(stack, readers, f"/slow-{i}", tasks) for i in range(BURST_ROUNDS_MAX)]
        grown = (cluster.status_kb(stack.pids["marathon"], "VmRSS") - before) / 1024
    finally:
        slow.close()
    return bursts, grown


def slow_rows(bursts, with_slow, grown):
    per = [median([b.cpu / b.deliveries for b in some]) for some in (bursts, with_slow)]
    rate = median([b.rate() for b in with_slow])
    most = SLOW + 30  # 1 MB of each, and what the tasks of the bursts need
    return [Row(f"[10] the same with {SLOW} that never read: CPU per delivery",
                f"{per[1] * 1e6:.2f} us, {rate / 1000:.0f}k/s", f"{per[0] * 1e6:.2f} us without",
                f"{per[1] / per[0]:.2f}", "<= 1.05", per[1] / per[0] <= 1.05),
            Row("[10] the same: marathon grew by", f"{grown:.0f} MB", "", "", f"<= {most} MB",
                grown <= most)]


ALL = {"events": fan_out}
