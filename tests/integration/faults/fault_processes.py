"""kill -9 and SIGSTOP of every process at random points while 200 tasks are being launched: no task
is lost, doubled or restarted. FAULT_SEED replays one run."""
import os
import threading
import time

from cluster import Cluster, Trouble
from ekiden import main, story

APPS, INSTANCES = 4, 50
TROUBLE_SECONDS = 15
SETTLE_SECONDS = 40


def suffer(name, processes_of):
    seed = int(os.environ.get("FAULT_SEED", time.time_ns() % 1_000_000))
    print(f"{name}: FAULT_SEED={seed}", flush=True)
    with Cluster(f"{name}-{seed}") as cluster:
        launching = threading.Thread(target=cluster.create_apps, args=(APPS, INSTANCES))
        launching.start()
        Trouble(seed).run(processes_of(cluster), TROUBLE_SECONDS)
        launching.join()
        cluster.settle(APPS * INSTANCES, SETTLE_SECONDS)


@story
def the_master_dies_and_hangs_during_launches():
    suffer("master", lambda cluster: [cluster.master])


@story
def agents_die_and_hang_during_launches():
    suffer("agents", lambda cluster: cluster.agents)


@story
def marathon_dies_and_hangs_during_launches():
    suffer("marathon", lambda cluster: [cluster.marathon])


@story
def everything_dies_and_hangs_during_launches():
    suffer("all", lambda cluster: cluster.processes)


if __name__ == "__main__":
    main()
