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


def watch_capacity(events, app_id, total, minimum, maximum):
    """Replays the event stream: how many were alive and healthy at every moment of the deployment."""
    alive, healthy, bad = {}, {}, []
    for at, kind, data in list(events.all):
        if kind == "status_update_event" and data["appId"] == app_id:
            task = data["taskId"]
            if data["taskStatus"] in ("TASK_STAGING", "TASK_STARTING", "TASK_RUNNING"):
                alive[task] = True
            elif data["taskStatus"] in ("TASK_KILLED", "TASK_FINISHED", "TASK_FAILED", "TASK_LOST"):
                alive.pop(task, None)
                healthy.pop(task, None)
            elif data["taskStatus"] == "TASK_KILLING":
                healthy.pop(task, None)
        elif kind == "instance_health_changed_event" and data["runSpecId"] == app_id:
            key = next((task for task in alive if task.startswith(data["instanceId"])), None)
            if key and data["healthy"]:
                healthy[key] = True
            elif key:
                healthy.pop(key, None)
        else:
            continue
        if len(alive) > maximum:
            bad.append((at, kind, f"{len(alive)} alive, at most {maximum}"))
        if len(healthy) >= total:
            bad = [entry for entry in bad if "healthy" not in entry[2]] if not watch_capacity.on else bad
            watch_capacity.on = True
        if watch_capacity.on and len(healthy) < minimum:
            bad.append((at, kind, f"{len(healthy)} healthy, at least {minimum}"))
    return bad


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
        watch_capacity.on = False
        bad = watch_capacity(events, "/web", 4, 3, 5)
        assert not bad, bad[:5]


if __name__ == "__main__":
    main()
