"""Consumers find a service through HAProxy (service port, virtual host) and through DNS."""
import time

from ekiden import (HEALTH, Cluster, dig, main, records, request, server_command, story,
                    wait_for)


@story
def service_port_virtual_host_and_srv_records_lead_to_the_tasks():
    with Cluster("--agents", "3") as cluster:
        cluster.create({"id": "/web", "cpus": 0.1, "mem": 64, "instances": 3, "cmd": server_command("v1"),
                        "healthChecks": [HEALTH], "labels": {
                            "HAPROXY_GROUP": "external", "HAPROXY_0_VHOST": "web.example.com"}})
        tasks = cluster.running("/web", 3, 40, healthy=True)
        port = cluster.app("/web")["portDefinitions"][0]["port"]
        wait_for(lambda: request(f"127.0.0.1:{port}", "GET", "/").body == b"v1", 15, "the service port")
        vhost = cluster.address("lb_http")
        wait_for(lambda: request(vhost, "GET", "/", headers={"Host": "web.example.com"}).body == b"v1",
                 10, "the virtual host")
        assert request(vhost, "GET", "/", headers={"Host": "other.example.com"}).status == 503

        expected = {(str(task["ports"][0])) for task in tasks}
        def answers():
            text = dig(cluster, "_web._tcp.marathon.mesos", "SRV")
            srv = [line for line in records(text, "ANSWER") if line[3] == "SRV"]
            assert {line[6] for line in srv} == expected, text
            addresses = {line[0]: line[4] for line in records(text, "ADDITIONAL") if line[3] == "A"}
            assert all(line[7] in addresses for line in srv), text
            assert all(address.startswith("127.0.0.") for address in addresses.values()), text
            return text
        wait_for(answers, 10, "SRV records of every task with their addresses")
        assert "status: NXDOMAIN" in dig(cluster, "nothing.marathon.mesos", "A")
        a = dig(cluster, "+tcp", "web.marathon.mesos", "A")
        assert {line[4] for line in records(a, "ANSWER")} == {task["host"] for task in tasks}, a

        start = time.monotonic()
        assert cluster.api("PUT", "/v2/apps/web", {"instances": 1}).status == 200
        cluster.running("/web", 1)
        wait_for(lambda: len(records(dig(cluster, "_web._tcp.marathon.mesos", "SRV"), "ANSWER")) == 1, 5,
                 "the stopped tasks to leave DNS")
        assert time.monotonic() - start < 30
        assert request(f"127.0.0.1:{port}", "GET", "/").body == b"v1"


if __name__ == "__main__":
    main()
