"""Command apps are real processes: sandbox, environment, fetch, limits, health checks."""
import os
import re
import tarfile
import tempfile
import time
from pathlib import Path

from ekiden import HEALTH, Cluster, Skip, main, server_command, story, wait_for


def read(path):
    return Path(path).read_text(errors="replace")


@story
def a_command_app_has_sandbox_environment_and_fetched_files():
    with tempfile.TemporaryDirectory() as folder, Cluster("--no-dns", "--no-lb") as cluster:
        archive = Path(folder) / "bundle.tar.gz"
        (Path(folder) / "inside.txt").write_text("from the archive\n")
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(Path(folder) / "inside.txt", "inside.txt")
        (Path(folder) / "plain.txt").write_text("plain\n")
        cluster.create({
            "id": "/team/envy", "cpus": 0.1, "mem": 64, "labels": {"color": "blue"},
            "cmd": "env > env.txt; cat inside.txt plain.txt; echo oops >&2; sleep 600",
            "env": {"GREETING": "hello world"},
            "uris": [f"file://{archive}", f"{folder}/plain.txt"],
            "portDefinitions": [{"port": 0, "name": "web"}, {"port": 0}]})
        task = cluster.running("/team/envy", 1)[0]
        sandbox = cluster.sandbox(task["id"])
        env = wait_for(lambda: dict(line.split("=", 1) for line in read(sandbox / "env.txt").splitlines()
                                    if "=" in line), 10, "env.txt")
        assert env["GREETING"] == "hello world"
        assert env["MESOS_TASK_ID"] == task["id"] and env["MARATHON_APP_ID"] == "/team/envy"
        assert env["PORT0"] == env["PORT"] == env["PORT_WEB"] == str(task["ports"][0])
        assert env["PORT1"] == str(task["ports"][1])
        assert env["PORTS"] == ",".join(map(str, task["ports"]))
        assert env["HOST"] == task["host"] and env["MARATHON_APP_LABEL_COLOR"] == "blue"
        assert env["MARATHON_APP_RESOURCE_CPUS"] == "0.1" and env["MARATHON_APP_RESOURCE_MEM"] == "64.0"
        assert Path(env["MESOS_SANDBOX"]).resolve() == sandbox.resolve()
        wait_for(lambda: "from the archive\nplain\n" in read(sandbox / "stdout"), 10, "stdout")
        assert read(sandbox / "stderr").endswith("oops\n")


@story
def args_run_without_a_shell_and_user_errors_are_told():
    with Cluster("--no-dns", "--no-lb") as cluster:
        cluster.create({"id": "/argv", "cpus": 0.1, "mem": 32, "args": ["sleep", "$HOME;600"]})
        def failed():
            app = cluster.api("GET", "/v2/apps/argv?embed=app.lastTaskFailure").json()["app"]
            return "lastTaskFailure" in app and app["lastTaskFailure"]
        seen = wait_for(failed, 20, "sleep to refuse its argument: no shell took the text apart")
        assert seen["state"] == "TASK_FAILED" and "status 1" in seen["message"], seen
        cluster.create({"id": "/fine", "cpus": 0.1, "mem": 32, "args": ["sleep", "600"]})
        cluster.running("/fine", 1)


@story
def exceeding_memory_fails_with_the_reason_and_is_replaced_with_backoff():
    with Cluster("--no-dns", "--no-lb") as cluster:
        if "no limits" in cluster.tail(60):
            raise Skip("no cgroup rights here")
        eater = "python3 -c \"x=[]\nwhile True: x.append(bytearray(10**6))\""
        events = cluster.events()
        cluster.create({"id": "/eater", "cpus": 0.1, "mem": 48, "cmd": eater,
                        "backoffSeconds": 2, "backoffFactor": 2})
        def failed():
            app = cluster.api("GET", "/v2/apps/eater?embed=app.lastTaskFailure").json()["app"]
            return "lastTaskFailure" in app and app["lastTaskFailure"]
        seen = wait_for(failed, 40, "a failure")
        assert seen["state"] == "TASK_FAILED" and re.search("memory", seen["message"], re.I), seen
        starts = lambda: [at for at, _, data in events.types("status_update_event")
                          if data["appId"] == "/eater" and data["taskStatus"] == "TASK_RUNNING"]
        fails = lambda: [at for at, _, data in events.types("status_update_event")
                         if data["appId"] == "/eater" and data["taskStatus"] == "TASK_FAILED"]
        wait_for(lambda: len(starts()) >= 2, 40, "a second start")
        assert starts()[1] - fails()[0] > 1.5, "the backoff of 2 s was not kept"
        queue = cluster.api("GET", "/v2/queue").json()
        events.close()
        assert isinstance(queue["queue"], list)


def limit_files(pid):
    text = read(f"/proc/{pid}/cgroup")
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            for base in ("/sys/fs/cgroup/memory",):
                file = Path(base + path) / "memory.limit_in_bytes"
                if file.exists():
                    yield "mem", int(read(file))
        if "cpu" in controllers.split(","):
            for base in ("/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"):
                file = Path(base + path) / "cpu.shares"
                if file.exists():
                    yield "cpu", int(read(file))
        if controllers == "":
            for base in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified"):
                file = Path(base + path) / "memory.max"
                if file.exists() and read(file).strip() != "max":
                    yield "mem", int(read(file))


@story
def cpu_shares_and_memory_limit_are_in_the_cgroup():
    with Cluster("--no-dns", "--no-lb") as cluster:
        if "no limits" in cluster.tail(60):
            raise Skip("no cgroup rights here")
        cluster.create({"id": "/limited", "cpus": 0.5, "mem": 96, "cmd": "echo $$ > pid; exec sleep 600"})
        task = cluster.running("/limited", 1)[0]
        pid = wait_for(lambda: read(cluster.sandbox(task["id"]) / "pid").strip(), 10, "the pid")
        limits = dict(limit_files(pid))
        assert 96 * 2**20 <= limits["mem"] <= 160 * 2**20, limits
        if "cpu" in limits:
            assert 512 <= limits["cpu"] <= 640, limits


@story
def health_checks_of_every_kind_turn_healthy_and_kill_what_fails():
    kinds = [HEALTH, {**HEALTH, "protocol": "TCP"}, {**HEALTH, "protocol": "MESOS_HTTP", "delaySeconds": 0},
             {**HEALTH, "protocol": "MESOS_TCP", "delaySeconds": 0},
             {"protocol": "COMMAND", "command": {"value": "test -f ok || true"}, "intervalSeconds": 1,
              "gracePeriodSeconds": 30, "delaySeconds": 0}]
    with Cluster("--no-dns", "--no-lb") as cluster:
        for number, check in enumerate(kinds):
            check = {key: value for key, value in check.items()
                     if not (check["protocol"].endswith("TCP") and key == "path")}
            cluster.create({"id": f"/checked/{number}", "cpus": 0.1, "mem": 64,
                            "cmd": server_command(), "healthChecks": [check]})
        for number in range(len(kinds)):
            cluster.running(f"/checked/{number}", 1, 40, healthy=True)
        first = cluster.tasks("/checked/0")[0]["id"]
        cluster.create({"id": "/sick", "cpus": 0.1, "mem": 64, "cmd": "sleep 600", "healthChecks": [
            {**HEALTH, "protocol": "MESOS_HTTP", "delaySeconds": 0, "gracePeriodSeconds": 0,
             "maxConsecutiveFailures": 2}]})
        events = cluster.events()
        wait_for(lambda: [data for _, _, data in events.types("status_update_event")
                          if data["appId"] == "/sick" and data["taskStatus"] == "TASK_KILLED"], 30,
                 "the sick task to be killed")
        events.close()
        time.sleep(1)
        assert cluster.tasks("/checked/0")[0]["id"] == first, "a healthy task was replaced"


@story
def a_killed_task_gets_sigterm_then_its_grace_period():
    with Cluster("--no-dns", "--no-lb") as cluster:
        cluster.create({"id": "/graceful", "cpus": 0.1, "mem": 32, "taskKillGracePeriodSeconds": 10,
                        "cmd": "trap 'echo terminated; exit 0' TERM; while true; do sleep 0.1; done"})
        task = cluster.running("/graceful", 1)[0]
        sandbox = cluster.sandbox(task["id"])
        real = os.path.realpath(sandbox)
        assert cluster.api("DELETE", "/v2/apps/graceful").status == 200
        cluster.quiet()
        wait_for(lambda: "terminated" in read(Path(real) / "stdout"), 10, "the trap to run")


if __name__ == "__main__":
    main()
