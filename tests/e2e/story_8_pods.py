"""A pod of two containers: started together, sharing a folder and ports, rolled, scaled, ended; secrets."""
import os
import tempfile
from pathlib import Path

from ekiden import Cluster, main, request, server_command, story, wait_for


def pod(instances=1, text="v1", **more):
    serve = server_command(text).replace("$PORT0", "$EP_HOST_HTTP")
    return {"id": "/shop/cart", "scaling": {"kind": "fixed", "instances": instances},
            "volumes": [{"name": "shared"}],
            "containers": [
                {"name": "web", "exec": {"command": {"shell": serve}}, "resources": {"cpus": 0.1, "mem": 64},
                 "endpoints": [{"name": "http", "hostPort": 0}],
                 "healthCheck": {"http": {"endpoint": "http", "path": "/"}, "intervalSeconds": 2,
                                 "timeoutSeconds": 1, "gracePeriodSeconds": 20, "delaySeconds": 0},
                 "volumeMounts": [{"name": "shared", "mountPath": "shared"}]},
                {"name": "helper", "resources": {"cpus": 0.1, "mem": 32},
                 "exec": {"command": {"shell": "echo $ENDPOINT_HTTP > shared/port; exec sleep 1000"}},
                 "volumeMounts": [{"name": "shared", "mountPath": "shared"}]}],
            "scheduling": {"backoff": {"backoff": 0.1, "backoffFactor": 1, "maxLaunchDelay": 1}}, **more}


def status(cluster):
    answer = cluster.api("GET", "/v2/pods/shop/cart::status")
    assert answer.status == 200, answer
    return answer.json()


def stable(cluster, count, seconds=60):
    """The pod's status, once exactly `count` instances are stable and healthy."""
    def settled():
        seen = status(cluster)
        assert seen["status"] == "STABLE" and len(seen["instances"]) == count, seen
        for instance in seen["instances"]:
            assert instance["status"] == "STABLE", instance
            web = instance["containers"][0]
            assert web["conditions"][0]["value"] == "true", web
        assert cluster.api("GET", "/v2/deployments").json() == []
        return seen
    return wait_for(settled, seconds, f"{count} stable instances")


def answer_of(instance):
    port = instance["containers"][0]["endpoints"][0]["allocatedHostPort"]
    return request(f"{instance['agentHostname']}:{port}", "GET", "/").body.decode()


@story
def a_pod_runs_its_containers_together_rolls_scales_and_ends():
    with Cluster("--no-dns", "--no-lb") as cluster:
        events = cluster.events()
        created = cluster.api("POST", "/v2/pods", pod(1))
        assert created.status == 201 and created.json()["id"] == "/shop/cart", created
        seen = stable(cluster, 1)
        instance = seen["instances"][0]
        assert [c["name"] for c in instance["containers"]] == ["web", "helper"], instance
        assert [c["status"] for c in instance["containers"]] == ["TASK_RUNNING"] * 2, instance
        assert "v1" in answer_of(instance), answer_of(instance)
        port = instance["containers"][0]["endpoints"][0]["allocatedHostPort"]
        files = list(cluster.data.glob("agents/**/volumes/shared/port"))
        assert {path.read_text().strip() for path in files} == {str(port)}, files

        # Control processes die; the pod does not.
        cluster.kill9()
        cluster.start()
        again = stable(cluster, 1)["instances"][0]
        assert again["id"] == instance["id"] and "v1" in answer_of(again), again
        assert again["containers"][0]["containerId"] == instance["containers"][0]["containerId"]
        events.close()
        events = cluster.events()

        # One container ends: all of the instance ends and comes back under the same id.
        killed = cluster.api("DELETE", f"/v2/pods/shop/cart::instances/{instance['id']}")
        assert killed.status == 200 and killed.json()["instanceId"] == instance["id"], killed
        wait_for(lambda: status(cluster)["instances"][0]["containers"][0]["containerId"].endswith(".2"),
                 40, "the next incarnation")
        back = stable(cluster, 1)["instances"][0]
        assert back["id"] == instance["id"], back

        changed = cluster.api("PUT", "/v2/pods/shop/cart", pod(2, "v2"))
        assert changed.status == 200, changed
        seen = stable(cluster, 2)
        assert all("v2" in answer_of(one) for one in seen["instances"]), seen
        assert instance["id"] not in [one["id"] for one in seen["instances"]]
        steps = [data["currentStep"]["actions"][0] for _, _, data in events.types("deployment_info")]
        assert {"action": "RestartPod", "pod": "/shop/cart"} in steps, steps
        assert events.types("pod_updated_event")
        group = cluster.api("GET", "/v2/groups/shop").json()
        assert [one["id"] for one in group["pods"]] == ["/shop/cart"] and group["apps"] == [], group
        assert cluster.api("GET", "/v2/apps").json() == {"apps": []}

        gone = cluster.api("DELETE", "/v2/pods/shop/cart")
        assert gone.status == 202 and gone.body == b"", gone
        cluster.quiet()
        wait_for(lambda: cluster.api("GET", "/v2/tasks").json() == {"tasks": []}, 20, "no task")
        assert cluster.api("GET", "/v2/pods").json() == []
        events.close()


@story
def secrets_reach_the_task_and_nothing_else():
    with tempfile.TemporaryDirectory() as folder:
        secret = Path(folder) / "db" / "password"
        secret.parent.mkdir()
        secret.write_text("hunter2-of-the-story")
        os.chmod(secret, 0o600)
        with Cluster("--no-dns", "--no-lb", "--secret-store-dir", folder) as cluster:
            cluster.create({"id": "/vault", "cpus": 0.1, "mem": 32,
                            "cmd": 'echo "$PASSWORD $(cat key)" > seen; exec sleep 1000',
                            "secrets": {"pw": {"source": "db/password"}},
                            "env": {"PASSWORD": {"secret": "pw"}},
                            "container": {"type": "MESOS",
                                          "volumes": [{"containerPath": "key", "secret": "pw"}]}})
            task = cluster.running("/vault", 1, 30)[0]
            sandbox = cluster.sandbox(task["id"])
            wait_for(lambda: (sandbox / "seen").read_text() == "hunter2-of-the-story hunter2-of-the-story\n",
                     20, "the task to have seen its secret")
            assert os.stat(sandbox / "key").st_mode & 0o777 == 0o400
            for address in ("marathon", "master"):
                for path in ("/v2/apps/vault", "/v2/info", "/state", "/tasks"):
                    assert b"hunter2" not in request(cluster.address(address), "GET", path).body, path
            told = cluster.log_path.read_bytes()
            assert b"hunter2" not in told
            kept = [path for path in cluster.data.glob("*") if path.is_file()]
            assert kept and all(b"hunter2" not in path.read_bytes() for path in kept), kept
            os.chmod(secret, 0o644)
            cluster.create({"id": "/open", "cpus": 0.1, "mem": 32, "cmd": "sleep 1000",
                            "secrets": {"pw": {"source": "db/password"}},
                            "env": {"PASSWORD": {"secret": "pw"}}})
            wait_for(lambda: "secret" in cluster.app("/open")["lastTaskFailure"]["message"], 30,
                     "the task to fail for its secret")


if __name__ == "__main__":
    main()
