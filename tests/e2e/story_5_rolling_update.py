"""A rolling update under constant load loses no request and keeps both capacities at every moment."""
import http.client
import threading
import time

from ekiden import HEALTH, Cluster, main, request, server_command, story, wait_for


class Load:
    """Bounded: a few connections that ask again and again; what they saw is counted."""

    def __init__(self, port, connections=4):
        self.port, self.seen, self.lost, self.stop = port, {}, [], False
        self.threads = [threading.Thread(target=self.ask, daemon=True) for _ in range(connections)]
        for thread in self.threads:
            thread.start()

    def ask(self):
        end = time.monotonic() + 180
        while not self.stop and time.monotonic() < end:
            try:
                answer = request(f"127.0.0.1:{self.port}", "GET", "/", timeout=10)
                if answer.status == 200:
                    self.seen[answer.body] = self.seen.get(answer.body, 0) + 1
                else:
                    self.lost.append((time.monotonic(), answer.status, answer.body[:80]))
            except (OSError, http.client.HTTPException) as error:
                self.lost.append((time.monotonic(), repr(error)))
            time.sleep(0.004)

    def finish(self):
        self.stop = True
        for thread in self.threads:
            thread.join(15)


def capacity_over_time(events, app_id):
    """Replays the event stream: yields (event, alive, healthy) after each event about the app."""
    alive, healthy = set(), set()
    for event in list(events.all):
        _, kind, data = event
        if kind == "status_update_event" and data["appId"] == app_id:
            task, status = data["taskId"], data["taskStatus"]
            if status in ("TASK_STAGING", "TASK_STARTING", "TASK_RUNNING"):
                alive.add(task)
            elif status == "TASK_KILLING":
                healthy.discard(task)
            else:
                alive.discard(task)
                healthy.discard(task)
        elif kind == "instance_health_changed_event" and data["runSpecId"] == app_id:
            for task in [task for task in alive if task.startswith(data["instanceId"] + ".")]:
                (healthy.add if data["healthy"] else healthy.discard)(task)
        else:
            continue
        yield event, len(alive), len(healthy)


def breaches(events, app_id, total, minimum, maximum):
    """What went below or above, once all `total` had been healthy for the first time."""
    complete, found = False, []
    for event, alive, healthy in capacity_over_time(events, app_id):
        complete = complete or healthy == total
        if alive > maximum:
            found.append((event, f"{alive} alive, at most {maximum} allowed"))
        if complete and healthy < minimum:
            found.append((event, f"{healthy} healthy, at least {minimum} wanted"))
    assert complete, "the event stream never showed all instances healthy"
    return found


@story
def a_rolling_update_loses_no_request_and_keeps_the_capacities():
    with Cluster("--no-dns", "--agents", "2") as cluster:
        events = cluster.events()
        cluster.create({"id": "/web", "cpus": 0.1, "mem": 64, "instances": 4, "cmd": server_command("v1"),
                        "healthChecks": [HEALTH], "labels": {"HAPROXY_GROUP": "external"},
                        "upgradeStrategy": {"minimumHealthCapacity": 0.75, "maximumOverCapacity": 0.25}})
        cluster.running("/web", 4, 40, healthy=True)
        port = cluster.app("/web")["portDefinitions"][0]["port"]
        wait_for(lambda: request(f"127.0.0.1:{port}", "GET", "/").status == 200, 15, "the service port")
        load = Load(port)
        for version in ("v2", "v3"):
            answer = cluster.api("PUT", "/v2/apps/web", {"cmd": server_command(version)})
            assert answer.status == 200, answer
            cluster.running("/web", 4, 120, healthy=True)
            wait_for(lambda: request(f"127.0.0.1:{port}", "GET", "/").body == version.encode(), 15, version)
        load.finish()
        events.close()
        assert not load.lost, f"{len(load.lost)} requests lost, first: {load.lost[:5]}"
        assert set(load.seen) == {b"v1", b"v2", b"v3"}, load.seen
        assert sum(load.seen.values()) > 500, load.seen
        bad = breaches(events, "/web", total=4, minimum=3, maximum=5)
        assert not bad, bad[:5]


if __name__ == "__main__":
    main()
