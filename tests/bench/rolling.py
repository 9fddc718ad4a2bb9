"""[4] Rolling updates: real processes against the bound of their waves, and simulated tasks."""
import json
import math
import threading
import time

import cluster
from peers import Nginx, probe
from rounds import Row, interleave, median, spread_text
from simulated import Stack

INSTANCES = 50
MARATHON_500_SECONDS = 28.6  # published for 500 instances
OVER = 0.2
SAMPLE_SECONDS = 0.02


class Update:
    """One rolling update of `app`, watched in two ways: each event, and samples of the API."""

    def __init__(self, server, events, app, least):
        self.server, self.events, self.app, self.least = server, events, app, least
        self.healthy = set()
        self.below_in_events = self.below_in_samples = self.samples = 0
        self.worst = None

    def follow(self, event):
        """Counts the healthy instances as events tell of them."""
        kind = event.get("eventType")
        instance = event.get("instanceId")
        if event.get("runSpecId") != self.app or not instance:
            return
        if kind == "instance_health_changed_event" and event.get("healthy"):
            self.healthy.add(instance)
        elif kind == "instance_health_changed_event" or (
                kind == "instance_changed_event" and event["condition"] != "Running"):
            self.healthy.discard(instance)

    def wait(self, deployment, starts=False):
        """Until the deployment ended; the time of that event."""
        while True:
            at, event = self.events.queue.get(timeout=cluster.WAIT_SECONDS_MAX)
            self.follow(event)
            if not starts:
                self.worst = min(self.worst or INSTANCES * 100, len(self.healthy))
                self.below_in_events += len(self.healthy) < self.least
            if event.get("id") == deployment and event["eventType"] == "deployment_success":
                return at
            if event.get("id") == deployment and event["eventType"] == "deployment_failed":
                raise RuntimeError(f"the update of {self.app} failed")

    def sample(self, done):
        while not done.wait(SAMPLE_SECONDS):
            data = json.loads(self.server.request(
                "GET", f"/v2/apps{self.app}?embed=app.counts")[1])["app"]
            self.samples += 1
            self.below_in_samples += data["tasksHealthy"] < self.least

    def run(self, version):
        """Seconds from PUT to the end of the deployment."""
        done = threading.Event()
        sampler = threading.Thread(target=self.sample, args=(done,))
        sampler.start()
        try:
            start = time.monotonic()
            status, data = self.server.request("PUT", f"/v2/apps{self.app}",
                                               {"env": {"VERSION": str(version)}})
            if status != 200:
                raise RuntimeError(f"PUT was answered {status}: {data[:500]}")
            return self.wait(json.loads(data)["deploymentId"]) - start
        finally:
            done.set()
            sampler.join()


def post_and_wait(server, events, definition, least):
    """The app runs and is healthy; an Update that knows its instances."""
    update = Update(server, events, definition["id"], least)
    status, data = server.request("POST", "/v2/apps", definition)
    if status != 201:
        raise RuntimeError(f"POST was answered {status}: {data[:500]}")
    update.wait(json.loads(data)["deployments"][0]["id"], starts=True)
    if len(update.healthy) != definition["instances"]:
        raise RuntimeError(f"events tell of {len(update.healthy)} healthy instances")
    return update


def definition_of(name, instances, minimum):
    return {"id": name, "cmd": "exec sleep 100000", "cpus": 0.01, "mem": 32, "disk": 0,
            "instances": instances, "backoffSeconds": 0,
            "upgradeStrategy": {"minimumHealthCapacity": minimum, "maximumOverCapacity": OVER}}


def check(port=None):
    """Answered by nginx at once: what is measured is the update and not the tasks."""
    where = {"portIndex": 0} if port is None else {"port": port}
    return [{"protocol": "HTTP", "path": "/", "intervalSeconds": 1, "timeoutSeconds": 5,
             "gracePeriodSeconds": 60, **where}]


def verdict_row(what, update):
    bad = update.below_in_events + update.below_in_samples
    return Row(f"[4] the same: below {update.least} healthy ({what})", f"{bad}",
               f"{update.samples} samples and each event", f"worst {update.worst}", "0", bad == 0)


def processes(bench, nginx, minimum):
    least = math.ceil(INSTANCES * minimum)
    wave = math.floor(INSTANCES * (1 + OVER)) - least
    waves = math.ceil(INSTANCES / wave)

    def limit():
        spawned = probe(bench, "tasks", wave, "sleep", "100000")["seconds"]
        start = time.monotonic()
        cluster.request(nginx.port, "GET", "/")
        return waves * (spawned + time.monotonic() - start)

    with cluster.Mini(bench.bin) as mini:
        events = cluster.Events(mini)
        definition = definition_of("/rolling", INSTANCES, minimum)
        definition.update(portDefinitions=[], healthChecks=check(nginx.port))
        update = post_and_wait(mini, events, definition, least)
        number = iter(range(1, 1000))
        readings, _, noisy = interleave(bench.rounds, limit, lambda: update.run(next(number)))
        events.close()
    ratios = [ours / bound for ours, bound in readings]
    return [Row(f"[4] update of {INSTANCES} processes, minimum health {minimum}, over {OVER}",
                spread_text([r[0] for r in readings], "{:.2f} s"),
                spread_text([r[1] for r in readings], "{:.2f} s")
                + f": {waves} waves of spawn + check",
                spread_text(ratios, "{:.1f}") + (" noisy" if noisy else ""), "<= 1.3",
                median(ratios) <= 1.3),
            verdict_row("processes", update)]


def simulated(bench, ports):
    """Tasks in a container network have the address 127.0.0.1: nginx answers their checks."""
    instances = 100 if bench.quick else 500
    minimum = 0.8
    resources = f"cpus:100;mem:100000;disk:100000;ports:[{ports[0]}-{ports[1]}]"
    with Stack(bench) as stack:
        stack.start_agents(20, resources)
        events = cluster.Events(stack)
        definition = definition_of("/rolling", instances, minimum)
        definition.update(on_simulated_agents(), healthChecks=check())
        update = post_and_wait(stack, events, definition, math.ceil(instances * minimum))
        times = [update.run(number) for number in range(bench.rounds)]
        events.close()
    return [Row(f"[4] update of {instances} simulated tasks, minimum health {minimum}",
                spread_text(times, "{:.2f} s"), f"{MARATHON_500_SECONDS} s Marathon, 500 tasks",
                f"{MARATHON_500_SECONDS / median(times):.0f}x faster", "<= 1 s",
                median(times) <= 1),
            verdict_row("simulated", update)]


def on_simulated_agents():
    """Members of an app whose tasks are probed at 127.0.0.1 and a port of their own."""
    return {"networks": [{"mode": "container", "name": "bench"}],
            "container": {"type": "MESOS",
                          "portMappings": [{"containerPort": 0, "hostPort": 0}]}}


def update(bench):
    ports = (20000, 20999)
    nginx = Nginx({}, ports)
    try:
        return (processes(bench, nginx, 0.8) + processes(bench, nginx, 1.0)
                + simulated(bench, ports))
    finally:
        nginx.close()


ALL = {"update": update}
