"""`ekiden simulate` in its short form: what a user sizes a cluster with counts right."""
import contextlib
import http.client
import json
import subprocess
import tempfile
from pathlib import Path

from ekiden import BINARY, main, request, story, wait_for


def simulate(*flags):
    with tempfile.TemporaryDirectory(prefix="ekiden-simulate-") as folder:
        report = Path(folder) / "report.json"
        done = subprocess.run([BINARY, "simulate", f"--report={report}",
                               f"--work_dir={folder}/state", *flags],
                              capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(report.read_text()), done.stdout


@story
def simulated_agents_run_lose_and_keep_their_tasks():
    report, table = simulate("--agents=100", "--tasks-per-agent=10", "--limit=60secs",
                             "--steps=launch,state,offers,recover,kill")
    assert report["wrong"] == [], report
    assert "correct: all tasks run once" in table, table
    steps = report["steps"]
    assert list(steps) == ["start", "register", "launch", "state", "offers", "recover", "kill"]
    assert steps["launch"]["rate"] > 100, steps["launch"]
    assert steps["state"]["size"] > 0.3, steps["state"]  # MB: all 1,000 tasks are in it
    assert steps["recover"]["rate"] > 10, steps["recover"]


@story
def tasks_of_lost_agents_run_again_elsewhere():
    report, _ = simulate("--agents=20", "--tasks-per-agent=10", "--lose=5", "--limit=60secs",
                         "--agent_reregister_timeout=1secs", "--steps=launch,lose")
    assert report["steps"]["lose"]["tasks lost"] == 50, report


@story
def failing_tasks_are_launched_again():
    report, _ = simulate("--agents=10", "--tasks-per-agent=10", "--failures=200", "--limit=60secs",
                         "--start-delay=5ms", "--steps=launch")
    assert report["wrong"] == [], report


@contextlib.contextmanager
def master():
    with tempfile.TemporaryDirectory(prefix="ekiden-simulate-") as folder:
        ready = Path(folder) / "ready.json"
        process = subprocess.Popen([BINARY, "master", "--port=0", f"--work_dir={folder}/state",
                                    f"--ready-file={ready}"], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: ready.exists() and ready.stat().st_size, 20, "the master is ready")
            yield json.loads(ready.read_text())["master"].split("//")[1]
        finally:
            process.kill()
            process.wait()


@story
def our_master_takes_many_calls_in_one_post():
    with master() as address:
        stream = http.client.HTTPConnection(address, timeout=20)
        subscribe = {"type": "SUBSCRIBE", "subscribe": {"framework_info": {"user": "u", "name": "n"}}}
        stream.request("POST", "/api/v1/scheduler", json.dumps(subscribe),
                       {"Content-Type": "application/json", "Ekiden-Batching": "recordio"})
        answer = stream.getresponse()
        assert answer.status == 200, answer.status
        assert answer.headers["Ekiden-Batching"] == "recordio", answer.headers
        assert answer.headers["Content-Type"] == "application/x-protobuf", answer.headers
        frameworks = json.loads(request(address, "GET", "/frameworks").body)["frameworks"]
        framework = {"value": frameworks[0]["id"]}

        def post(calls, **headers):
            records = [json.dumps({"framework_id": framework, **call}) for call in calls]
            body = "".join(f"{len(record)}\n{record}" for record in records)
            given = {"Content-Type": "application/recordio",
                     "Message-Content-Type": "application/json",
                     "Mesos-Stream-Id": answer.headers["Mesos-Stream-Id"]}
            given.update({name.replace("_", "-"): value for name, value in headers.items()})
            return request(address, "POST", "/api/v1/scheduler", body,
                           {name: value for name, value in given.items() if value}).status

        def counted():
            metrics = json.loads(request(address, "GET", "/metrics/snapshot").body)
            return [metrics[f"master/messages_{what}_offers"] for what in ("suppress", "revive")]

        suppress, revive = {"type": "SUPPRESS"}, {"type": "REVIVE"}
        refused = {"type": "ACKNOWLEDGE", "acknowledge": {
            "agent_id": {"value": "a"}, "task_id": {"value": "t"}, "uuid": "eA=="}}
        assert post([suppress, revive]) == 202
        assert counted() == [1, 1], counted()
        assert post([suppress, refused, revive]) == 400  # and what follows is not done
        assert counted() == [2, 1], counted()
        assert post([revive], Mesos_Stream_Id=None) == 400
        assert post([revive], Message_Content_Type="text/plain") == 415
        assert post([subscribe]) == 400
        assert counted() == [2, 1], counted()
        stream.close()


if __name__ == "__main__":
    main()
