"""An agent in a network namespace of its own loses its cable: its tasks go on, and are the same ones
when it is back, whether the master noticed or not."""
import contextlib
import os
import subprocess
import time

from cluster import Cluster
from ekiden import Skip, main, story, wait_for

HOST, AGENT = "10.213.77.1", "10.213.77.2"
COUNT = 60


def ip(*words):
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"


class Cable:
    """A namespace with one cable to here."""

    def __enter__(self):
        if os.geteuid() != 0:
            raise Skip("only root may make network namespaces")
        self.name = f"ekiden-{os.getpid()}"
        self.here, self.there = f"ek{os.getpid()}a", f"ek{os.getpid()}b"
        try:
            ip("netns", "add", self.name)
            ip("link", "add", self.here, "type", "veth", "peer", "name", self.there)
            ip("link", "set", self.there, "netns", self.name)
            ip("addr", "add", f"{HOST}/30", "dev", self.here)
            ip("link", "set", self.here, "up")
            for words in (["addr", "add", f"{AGENT}/30", "dev", self.there],
                          ["link", "set", self.there, "up"], ["link", "set", "lo", "up"]):
                ip("-n", self.name, *words)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for words in (["link", "del", self.here], ["netns", "del", self.name]):
            with contextlib.suppress(AssertionError):
                ip(*words)

    def cut(self):
        ip("link", "set", self.here, "down")

    def mend(self):
        ip("link", "set", self.here, "up")

    def prefix(self):
        return ("ip", "netns", "exec", self.name)


def cluster(name, cable, *master_flags):
    return Cluster(name, HOST, ((), cable.prefix()), (HOST, AGENT), master_flags)


@story
def a_short_cut_during_launches_is_not_noticed_by_any_task():
    with Cable() as cable, cluster("short-cut", cable) as it:
        it.create_apps(2, COUNT // 2)
        for _ in range(3):
            time.sleep(0.4)
            cable.cut()
            time.sleep(1.5)
            cable.mend()
        it.settle(COUNT, 40)


@story
def tasks_behind_a_long_cut_are_unreachable_and_come_back():
    with Cable() as cable, cluster("long-cut", cable, "--agent_ping_timeout", "1secs",
                                   "--max_agent_ping_timeouts", "3") as it:
        it.create_apps(2, COUNT // 2, unreachableStrategy="disabled",
                       constraints=[["number", "GROUP_BY", "2"]])
        before = {task["id"] for task in it.settle(COUNT, 40)}
        cable.cut()
        wait_for(lambda: any(task["state"] == "TASK_UNREACHABLE" for task in it.tasks()), 20,
                 "tasks to be unreachable")
        assert len(it.task_processes()) == COUNT
        cable.mend()
        after = {task["id"] for task in it.settle(COUNT, 40)}
        assert after == before, "tasks were replaced"


if __name__ == "__main__":
    main()
