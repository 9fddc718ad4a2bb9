"""`ekiden simulate` in its short form: what a user sizes a cluster with counts right."""
import json
import subprocess
import tempfile
from pathlib import Path

from ekiden import BINARY, main, story


def simulate(*flags):
    with tempfile.TemporaryDirectory(prefix="ekiden-simulate-") as folder:
        report = Path(folder) / "report.json"
        done = subprocess.run([BINARY, "simulate", f"--report={report}",
                               f"--work_dir={folder}/state", *flags],
                              capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(report.read_text()), done.stdout


@story
def simulated_agents_run_lose_and_keep_their_tasks():
    report, table = simulate("--agents=100", "--tasks-per-agent=10", "--limit=60secs",
                             "--steps=launch,state,offers,recover,kill")
    assert report["wrong"] == [], report
    assert "correct: all tasks run once" in table, table
    steps = report["steps"]
    assert list(steps) == ["start", "register", "launch", "state", "offers", "recover", "kill"]
    assert steps["launch"]["rate"] > 100, steps["launch"]
    assert steps["state"]["size"] > 0.3, steps["state"]  # MB: all 1,000 tasks are in it
    assert steps["recover"]["rate"] > 10, steps["recover"]


@story
def tasks_of_lost_agents_run_again_elsewhere():
    report, _ = simulate("--agents=20", "--tasks-per-agent=10", "--lose=5", "--limit=60secs",
                         "--agent_reregister_timeout=1secs", "--steps=launch,lose")
    assert report["steps"]["lose"]["tasks lost"] == 50, report


@story
def failing_tasks_are_launched_again():
    report, _ = simulate("--agents=10", "--tasks-per-agent=10", "--failures=200", "--limit=60secs",
                         "--start-delay=5ms", "--steps=launch")
    assert report["wrong"] == [], report


if __name__ == "__main__":
    main()
