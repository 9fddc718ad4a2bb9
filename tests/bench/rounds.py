"""Limit, product, limit: interleaved rounds, so that a busy machine hits both sides alike."""
import statistics

SPREAD_MAX = 0.20  # the two readings of the limit in one round; beyond it the round is dropped


class Row:
    """One line of the table. `ratio` and `good` are texts and verdicts already."""

    def __init__(self, workload, ours, peer="", ratio="", target="", good=None):
        self.cells = [workload, ours, peer, ratio, target]
        self.good = good


def interleave(rounds, limit, product):
    """[(product, limit)] per round that was steady; all rounds when fewer than half were."""
    readings = []
    before = limit()
    for _ in range(rounds):
        ours = product()
        after = limit()
        readings.append((ours, (before + after) / 2,
                         abs(before - after) / max(before, after) <= SPREAD_MAX))
        before = after
    steady = [r for r in readings if r[2]]
    kept = steady if len(steady) * 2 >= rounds else readings
    return [(r[0], r[1]) for r in kept], len(kept) < len(readings), len(steady) * 2 < rounds


def median(values):
    return statistics.median(values)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def spread_text(values, form):
    low, high = min(values), max(values)
    middle = form.format(median(values))
    return middle if len(values) == 1 else f"{middle} ({form.format(low)}-{form.format(high)})"


def verdict(good):
    return {True: "ok", False: "MISSED", None: ""}[good]


def print_table(rows):
    head = ["workload", "ours", "limit or peer in this run", "ratio", "target", ""]
    lines = [head] + [row.cells + [verdict(row.good)] for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    for number, line in enumerate(lines):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))
