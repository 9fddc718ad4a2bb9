"""The file of the README's promise, exactly as users have it: a Docker app in host and bridge mode."""

from ekiden import Cluster, DockerEngine, dig, main, records, request, story, wait_for

HELLO = ('{"id":"marathon-demo-application","cpus":1,"mem":128,"disk":0,"instances":1,"container":'
         '{"type":"DOCKER","docker":{"image":"hello_world:latest","portMappings":[{"containerPort":9001,'
         '"hostPort":0}]}},"networks":[{"mode":"host"}]}')


@story
def docker_apps_run_in_host_and_bridge_mode():
    with DockerEngine() as engine:
        with Cluster("--no-lb", "--docker-socket", engine.socket) as cluster:
            answer = cluster.api("POST", "/v2/apps", HELLO, {"Content-type": "application/json"})
            assert answer.status == 201, answer
            cluster.running("marathon-demo-application", 1, 60)
            body = wait_for(lambda: request("127.0.0.1:9001", "GET", "/").body, 10, "port 9001")
            assert body == b"hello from a container\n", body

            cluster.create({
                "id": "/bridged", "cpus": 0.1, "mem": 64, "instances": 2,
                "container": {"type": "DOCKER", "docker": {"image": "hello_world:latest"},
                              "portMappings": [{"containerPort": 9001, "hostPort": 0}]},
                "networks": [{"mode": "container/bridge"}]})
            tasks = cluster.running("/bridged", 2, 60)
            ports = {task["ports"][0] for task in tasks}
            assert len(ports) == 2 and 9001 not in ports, ports
            for port in ports:
                assert wait_for(lambda: request(f"127.0.0.1:{port}", "GET", "/").status == 200, 10,
                                f"mapped port {port}")

            def found_by_name():
                text = dig(cluster, "_bridged._tcp.marathon.mesos", "SRV")
                assert {int(line[6]) for line in records(text, "ANSWER")} == ports, text
                assert {line[4] for line in records(text, "ADDITIONAL")} == {"127.0.0.1"}, text
                return True
            wait_for(found_by_name, 10, "SRV records with the host's address beside the host's port")

            before = {task["id"] for task in cluster.tasks("/bridged")}
            cluster.kill9()
            cluster.start()
            cluster.running("/bridged", 2, 30)
            assert {task["id"] for task in cluster.tasks("/bridged")} == before
            assert request(f"127.0.0.1:{ports.pop()}", "GET", "/").status == 200

            assert cluster.api("DELETE", "/v2/apps/bridged").status == 200
            cluster.quiet()
            wait_for(lambda: len(engine.docker("ps", "-q").stdout.split()) == 1, 30,
                     "the bridged containers to be gone")


@story
def without_an_engine_a_docker_app_fails_with_the_reason():
    with Cluster("--no-dns", "--no-lb", "--docker-socket", "/nonexistent/docker.sock") as cluster:
        assert "Docker" in cluster.tail(60), cluster.tail(60)
        cluster.create({"id": "/d", "cpus": 0.1, "mem": 32,
                        "container": {"type": "DOCKER", "docker": {"image": "hello_world:latest"}}})
        def failure():
            found = cluster.api("GET", "/v2/apps/d?embed=app.lastTaskFailure").json()["app"]
            return found["lastTaskFailure"]
        seen = wait_for(failure, 30, "a task failure")
        assert seen["state"] == "TASK_FAILED" and "/nonexistent/docker.sock" in seen["message"], seen


if __name__ == "__main__":
    main()
