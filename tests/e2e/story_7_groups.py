"""Two apps with a dependency: started in order, scaled together, deleted. And what bad input gets."""
import json

from ekiden import HEALTH, Cluster, main, server_command, story, wait_for


@story
def a_group_starts_in_order_scales_together_and_is_deleted():
    with Cluster("--no-dns", "--no-lb") as cluster:
        events = cluster.events()
        app = {"cpus": 0.1, "mem": 64, "cmd": server_command(), "healthChecks": [HEALTH]}
        answer = cluster.api("POST", "/v2/groups", {"id": "/shop", "apps": [
            {**app, "id": "db"}, {**app, "id": "web", "dependencies": ["db"]}]})
        assert answer.status == 201, answer
        cluster.running("/shop/db", 1, 40, healthy=True)
        cluster.running("/shop/web", 1, 40, healthy=True)
        def first(kind, app_id, want):
            return next(at for at, _, data in events.types(kind) if want(data) and app_id in
                        (data.get("appId"), data.get("runSpecId")))
        healthy = first("instance_health_changed_event", "/shop/db", lambda data: data["healthy"])
        started = first("status_update_event", "/shop/web", lambda data: data["taskStatus"] == "TASK_RUNNING")
        assert healthy < started, "web started before db was healthy"

        answer = cluster.api("PUT", "/v2/groups/shop", {"scaleBy": 2})
        assert answer.status == 200, answer
        cluster.running("/shop/db", 2, 40, healthy=True)
        cluster.running("/shop/web", 2, 40, healthy=True)
        assert cluster.api("DELETE", "/v2/groups/shop").status == 200
        cluster.quiet()
        assert cluster.api("GET", "/v2/groups/shop").status == 404
        wait_for(lambda: cluster.api("GET", "/v2/tasks").json() == {"tasks": []}, 20, "no task")
        events.close()


@story
def bad_input_gets_the_documented_answers_and_changes_nothing():
    with Cluster("--no-dns", "--no-lb") as cluster:
        post = lambda body, headers=None: cluster.api("POST", "/v2/apps", body, headers)
        answer = post("{ nonsense")
        assert answer.status == 400 and answer.json()["message"] == "Invalid JSON", answer
        assert isinstance(answer.json()["details"], str)
        answer = post({"id": "/x", "cmd": "sleep", "cpus": "many", "instances": "two"})
        assert answer.status == 422 and answer.json()["message"] == "Invalid JSON", answer
        assert {d["path"] for d in answer.json()["details"]} == {"/cpus", "/instances"}, answer
        answer = post({"id": "/x", "cmd": "sleep 1", "args": ["a"], "constraints": [["a", "UNIQUE", "b"]]})
        assert answer.status == 422 and answer.json()["message"] == "Object is not valid", answer
        assert len(answer.json()["details"]) >= 2, answer
        assert cluster.api("GET", "/v2/apps/none").status == 404
        assert cluster.api("GET", "/v2/apps/none").json()["message"] == "App '/none' does not exist"
        answer = post(b"a=b", {"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status == 415, answer
        assert cluster.api("GET", "/v2/apps").json() == {"apps": []}
        big = post(json.dumps({"id": "/big", "cmd": "x" * (64 * 2**20)}))
        assert big.status == 413, big.status

        cluster.create({"id": "/stuck", "cpus": 1000, "mem": 32, "cmd": "sleep 600"})
        answer = cluster.api("PUT", "/v2/apps/stuck", {"instances": 2})
        assert answer.status == 409, answer
        running = [d["id"] for d in cluster.api("GET", "/v2/deployments").json()]
        assert [d["id"] for d in answer.json()["deployments"]] == running, answer
        assert cluster.app("/stuck")["instances"] == 1
        queue = cluster.api("GET", "/v2/queue").json()["queue"]
        assert [item["app"]["id"] for item in queue] == ["/stuck"], queue
        assert cluster.api("DELETE", "/v2/apps/stuck").status == 200
        cluster.quiet()


if __name__ == "__main__":
    main()
