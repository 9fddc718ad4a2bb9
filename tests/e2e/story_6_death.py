"""Whatever dies, no healthy task is hurt, and what was under way goes on."""
import contextlib
import http.client
import os
import signal
import subprocess
import time
from pathlib import Path

from ekiden import HEALTH, Cluster, Skip, main, request, server_command, story, wait_for


def pids_of(cluster, task):
    """Processes whose working folder is the task's sandbox."""
    sandbox = os.path.realpath(cluster.sandbox(task["id"]))
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                command = (process / "cmdline").read_bytes()
                if os.path.realpath(process / "cwd") == sandbox and b"ekiden-executor" not in command:
                    found.append(int(process.name))
            except OSError:
                continue
    return found


def alive(pid):
    """Not gone, and no zombie that its parent has not asked for yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@story
def a_killed_task_is_replaced():
    with Cluster("--no-dns", "--no-lb") as cluster:
        cluster.create({"id": "/t", "cpus": 0.1, "mem": 32, "cmd": "sleep 600", "backoffSeconds": 0})
        before = cluster.running("/t", 1)[0]
        for pid in pids_of(cluster, before):
            with contextlib.suppress(ProcessLookupError):  # it may end with the one before
                os.kill(pid, signal.SIGKILL)
        def replaced():
            tasks = cluster.tasks("/t")
            return len(tasks) == 1 and tasks[0]["id"] != before["id"] and tasks[0]["state"] == "TASK_RUNNING"
        wait_for(replaced, 20, "a replacement")
        failure = cluster.api("GET", "/v2/apps/t?embed=app.lastTaskFailure").json()["app"]["lastTaskFailure"]
        assert failure["taskId"] == before["id"] and "Killed" in failure["message"], failure


@story
def kill_9_of_the_whole_cluster_hurts_no_task_and_the_deployment_goes_on():
    with Cluster("--agents", "2") as cluster:
        cluster.create({"id": "/web", "cpus": 0.1, "mem": 64, "instances": 2, "cmd": server_command("v1"),
                        "healthChecks": [HEALTH], "labels": {"HAPROXY_GROUP": "external"}})
        before = {task["id"] for task in cluster.running("/web", 2, 40, healthy=True)}
        port = cluster.app("/web")["portDefinitions"][0]["port"]
        wait_for(lambda: request(f"127.0.0.1:{port}", "GET", "/").body == b"v1", 15, "the service port")
        processes = {pid for task in cluster.tasks("/web") for pid in pids_of(cluster, task)}

        slow = {**HEALTH, "gracePeriodSeconds": 60}
        cluster.create({"id": "/slow", "cpus": 0.1, "mem": 64, "instances": 2, "healthChecks": [slow],
                        "cmd": "sleep 6; " + server_command("s")})
        deployments = cluster.api("GET", "/v2/deployments").json()
        assert [d["affectedApps"] for d in deployments] == [["/slow"]], deployments

        cluster.kill9()
        for _ in range(20):
            assert request(f"127.0.0.1:{port}", "GET", "/").body == b"v1"
            time.sleep(0.05)
        assert all(map(alive, processes)), "a task died"

        cluster.start()
        after = cluster.api("GET", "/v2/deployments").json()
        assert [d["id"] for d in after] == [d["id"] for d in deployments], after
        cluster.running("/slow", 2, 60, healthy=True)
        cluster.running("/web", 2, 30, healthy=True)
        assert {task["id"] for task in cluster.tasks("/web")} == before, "a task was restarted"
        assert all(map(alive, processes)), "a task died"
        assert request(f"127.0.0.1:{port}", "GET", "/").body == b"v1"


@story
def ctrl_c_leaves_the_tasks_and_destroy_ends_them():
    cluster = Cluster("--no-dns", "--no-lb")
    with cluster:
        cluster.create({"id": "/t", "cpus": 0.1, "mem": 32, "instances": 2, "cmd": "sleep 600"})
        tasks = cluster.running("/t", 2)
        processes = [pid for task in tasks for pid in pids_of(cluster, task)]
        assert cluster.interrupt() == 0
        assert "keep running" in cluster.tail(), cluster.tail()
        assert all(map(alive, processes))
        cluster.start()
        assert {task["id"] for task in cluster.running("/t", 2)} == {task["id"] for task in tasks}
        busy = subprocess.run(cluster.command("--destroy"), capture_output=True, text=True, timeout=60)
        assert busy.returncode == 1 and str(cluster.data) in busy.stderr, busy
        assert cluster.interrupt() == 0
        code, text = cluster.destroy()
        assert code == 0, text
        wait_for(lambda: not any(map(alive, processes)), 15,
                 "the tasks to end")
        cluster.start()
        assert cluster.api("GET", "/v2/apps").json() == {"apps": []}


@contextlib.contextmanager
def small_disk(folder, size):
    """A file system of its own, so that it can be full."""
    folder.mkdir(parents=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise Skip(f"cannot mount a small file system: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], capture_output=True)


@story
def a_full_disk_stops_the_process_with_a_sentence_and_the_tasks_go_on():
    cluster = Cluster("--no-dns", "--no-lb")
    with small_disk(cluster.data, "24m"), cluster:
        cluster.create({"id": "/t", "cpus": 0.1, "mem": 32, "cmd": "sleep 600"})
        task = cluster.running("/t", 1)[0]
        processes = pids_of(cluster, task)
        filler = cluster.data / "filler"
        with contextlib.suppress(OSError), open(filler, "wb") as file:
            while True:
                file.write(b"x" * 65536)
        def ended():
            with contextlib.suppress(OSError, http.client.HTTPException):
                cluster.api("PUT", "/v2/apps/t", {"labels": {"pad": "y" * 20000}, "instances": 1}, timeout=3)
            return cluster.process.poll() is not None
        wait_for(ended, 30, "the process to stop")
        assert cluster.process.returncode == 1, cluster.process.returncode
        assert str(cluster.data) in cluster.tail(3), cluster.tail(5)
        assert all(map(alive, processes)), "a task died"
        filler.unlink()
        cluster.start()
        assert cluster.running("/t", 1, 60), cluster.tasks("/t")
        cluster.destroy()


@story
def an_unwritable_data_folder_and_a_busy_port_are_told_in_a_sentence():
    with Cluster("--no-dns", "--no-lb") as cluster:
        file = cluster.folder / "file"
        file.write_text("not a folder")
        done = subprocess.run([cluster.command()[0], "mini", "--data-dir", str(file / "below")],
                              capture_output=True, text=True, timeout=30)
        assert done.returncode == 1 and str(file / "below") in done.stderr, done
        port = cluster.api_address.rsplit(":", 1)[1]
        other = Cluster("--no-dns", "--no-lb", "--marathon-port", port)
        done = subprocess.run(other.command(*other.args), capture_output=True, text=True, timeout=30)
        other.destroy()
        assert done.returncode == 1 and port in done.stderr, done
        again = subprocess.run(cluster.command(), capture_output=True, text=True, timeout=30)
        assert again.returncode == 1 and str(cluster.data) in again.stderr, again


if __name__ == "__main__":
    main()
