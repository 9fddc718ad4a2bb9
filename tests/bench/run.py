"""scripts/bench: runs the rows and prints the table. Ends with 1 when a target was missed."""
import argparse
import json
import pathlib
import sys
import time

import rows
from rounds import print_table, verdict


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--bin", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="one round, small sizes: some minutes")
    parser.add_argument("--large", action="store_true",
                        help="also a million simulated tasks: many minutes")
    parser.add_argument("--rows", default=",".join(rows.ALL), help="some of: %(default)s")
    parser.add_argument("--json", type=pathlib.Path, help="also write the table to this file")
    bench = parser.parse_args()
    bench.rounds = 1 if bench.quick else 5
    table, broken = [], []
    for name in bench.rows.split(","):
        start = time.monotonic()
        try:
            table += rows.ALL[name](bench)
        except Exception as error:  # the other rows are still worth their time
            broken.append(f"{name}: {type(error).__name__}: {error}")
        print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    print_table(table)
    for line in broken:
        print(f"broken: {line}")
    if bench.json:
        names = ["workload", "ours", "peer", "ratio", "target", "verdict"]
        bench.json.write_text(json.dumps(
            [dict(zip(names, row.cells + [verdict(row.good)])) for row in table], indent=1))
    return 1 if broken or any(row.good is False for row in table) else 0


if __name__ == "__main__":
    sys.exit(main())
