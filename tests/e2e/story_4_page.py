"""The page, in a real browser on a real cluster: scale from 1 to 4 and watch them become healthy."""
import subprocess

from ekiden import HEALTH, ROOT, Cluster, main, server_command, story


@story
def the_page_scales_from_1_to_4_and_shows_four_healthy_instances():
    with Cluster("--no-dns", "--no-lb") as cluster:
        cluster.create({"id": "/web", "cpus": 0.1, "mem": 64, "cmd": server_command(),
                        "healthChecks": [HEALTH]})
        cluster.running("/web", 1, 30, healthy=True)
        picture = ROOT / "build" / "test-logs" / "scaled.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.unlink(missing_ok=True)
        done = subprocess.run(["node", str(ROOT / "tests/ui/browser/scale_story.mjs"),
                               f"http://{cluster.api_address}", "/web", str(picture)],
                              capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        assert picture.stat().st_size > 10_000
        cluster.running("/web", 4, 30, healthy=True)


if __name__ == "__main__":
    main()
