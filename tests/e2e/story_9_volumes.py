"""A service with a persistent volume keeps its data through kills, restarts, updates and scaling; only deletion frees it."""
from ekiden import Cluster, main, story, wait_for

# Adds a line for each start; what is in the file outlives every task.
WRITER = 'echo "$MESOS_TASK_ID {word}" >> data/log; cat data/log > seen; sleep 1000'


def definition(word, **more):
    return {"id": "/db", "cmd": WRITER.format(word=word), "cpus": 0.1, "mem": 32, "portDefinitions": [],
            "backoffSeconds": 1, "backoffFactor": 1.0,
            "container": {"type": "MESOS", "volumes": [
                {"containerPath": "data", "mode": "RW", "persistent": {"size": 16}}]}, **more}


def lines(cluster, task):
    """What the task saw in its volume when it started."""
    seen = cluster.sandbox(task["id"]) / "seen"
    return wait_for(lambda: seen.exists() and seen.read_text().split("\n")[:-1], 20, f"{seen} to have lines")


def only_task(cluster):
    return cluster.running("/db", 1, 60)[0]


def volumes(cluster):
    """Persistence ids that the agents have now."""
    folders = cluster.data.glob("**/volumes/roles/*/*")
    return sorted(folder.name for folder in folders if folder.is_dir())


@story
def data_outlives_tasks_and_goes_with_its_app():
    with Cluster("--no-dns", "--no-lb", "--mesos-role", "dev") as cluster:
        cluster.create(definition("first"))
        first = only_task(cluster)
        assert [line.split()[1] for line in lines(cluster, first)] == ["first"]
        volume = first["localVolumes"][0]
        assert volume["containerPath"] == "data" and volume["persistenceId"].startswith("db#data#"), volume
        assert volumes(cluster) == [volume["persistenceId"]], volumes(cluster)

        # Killed: the same instance comes back to the same volume.
        cluster.api("DELETE", f"/v2/apps/db/tasks/{first['id']}")
        second = wait_for(lambda: next((t for t in cluster.tasks("/db") if t["id"] != first["id"]
                                        and t["state"] == "TASK_RUNNING"), None), 60, "the killed task to come back")
        assert second["id"].rsplit(".", 1)[0] == first["id"].rsplit(".", 1)[0]
        assert second["localVolumes"] == first["localVolumes"]
        assert len(lines(cluster, second)) == 2

        # Everything dies and starts again: the task goes on, its volume stays.
        cluster.kill9()
        cluster.start()
        assert only_task(cluster)["id"] == second["id"]

        # Updated.
        answer = cluster.api("PUT", "/v2/apps/db", {"cmd": WRITER.format(word="updated")})
        assert answer.status == 200, answer
        cluster.quiet(60)
        third = only_task(cluster)
        assert third["localVolumes"] == first["localVolumes"]
        assert [line.split()[1] for line in lines(cluster, third)] == ["first", "first", "updated"]

        # Suspended and back.
        cluster.api("PUT", "/v2/apps/db", {"instances": 0})
        cluster.quiet(60)
        assert volumes(cluster) == [volume["persistenceId"]]
        cluster.api("PUT", "/v2/apps/db", {"instances": 1})
        cluster.quiet(60)
        fourth = only_task(cluster)
        assert fourth["localVolumes"] == first["localVolumes"]
        assert len(lines(cluster, fourth)) == 4

        # Deleted: gone only now.
        cluster.api("DELETE", "/v2/apps/db")
        cluster.quiet(60)
        wait_for(lambda: not volumes(cluster), 60, "the volume to be freed")


@story
def wipe_gives_a_fresh_volume():
    with Cluster("--no-dns", "--no-lb", "--mesos-role", "dev") as cluster:
        cluster.create(definition("first"))
        first = only_task(cluster)
        lines(cluster, first)
        answer = cluster.api("POST", "/v2/tasks/delete?wipe=true", {"ids": [first["id"]]})
        assert answer.status == 200, answer
        second = wait_for(lambda: next((t for t in cluster.tasks("/db") if t["state"] == "TASK_RUNNING"
                                        and t["localVolumes"] != first["localVolumes"]), None), 90,
                          "a fresh instance")
        assert len(lines(cluster, second)) == 1
        wait_for(lambda: volumes(cluster) == [second["localVolumes"][0]["persistenceId"]], 60,
                 "the old volume to be freed")


if __name__ == "__main__":
    main()
