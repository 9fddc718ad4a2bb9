"""[2] and its part of [16]: the offer cycle, measured by bench_allocator."""
import json
import math
import subprocess

from rounds import Row, median, spread_text

MESOS_DECLINING_MS = 1076  # Mesos 1.12 on this kind of machine, 10,000 agents x 1,000 frameworks


def readings(bench):
    """{name: [ms, ...]}, CPU time: the machine is one thread and pure."""
    words = [str(bench.bin / "bench_allocator"), "--benchmark_format=json",
             f"--benchmark_repetitions={bench.rounds}",
             f"--benchmark_min_time={0.1 if bench.quick else 0.5}"]
    answer = subprocess.run(words, capture_output=True, text=True, timeout=300, check=True)
    result = {}
    for entry in json.loads(answer.stdout)["benchmarks"]:
        if entry["run_type"] == "iteration":
            result.setdefault(entry["run_name"], []).append(entry["cpu_time"])
    return result


def exponent(small, large, factor):
    return math.log(median(large) / median(small)) / math.log(factor)


def cycle(bench):
    at = readings(bench)

    def row(what, name, limit, peer="", ratio=""):
        ours = at[f"allocator/{name}"]
        return Row(f"[2] {what}", spread_text(ours, "{:.2f} ms"), peer, ratio, f"<= {limit} ms",
                   median(ours) <= limit)

    def growth(what, small, large, factor, limit):
        slope = exponent(at[f"allocator/{small}"], at[f"allocator/{large}"], factor)
        return Row(f"[16] offer cycle, {what}", f"{slope:.2f}", "", "", f"<= {limit}", slope <= limit)

    worst = "declining/10000/1000"
    ratio = f"{MESOS_DECLINING_MS / median(at['allocator/' + worst]):.0f}x"
    return [row("10,000 agents, 1,000 frameworks, all decline", worst, 50,
                f"{MESOS_DECLINING_MS} ms Mesos, elsewhere", ratio),
            row("the same with the answers", "declining_and_recovering/10000/1000", 100),
            row("50,000 agents, 1 framework, all filtered", "filtered/50000", 20),
            row("10,000 agents, 1 framework, 1 % change", "changed/10000", 1),
            growth("agents and frameworks 10x", "declining/1000/100", worst, 10, 1.1),
            growth("100 changes, agents 10x", "changed/1000", "changed/10000", 10, 0.2)]
