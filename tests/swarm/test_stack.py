"""The stack is valid as it is, its containers have what they need, and secrets stay secret."""

import json
import re
import subprocess
from pathlib import Path

from tests.pace import until
from tests.swarm.lab import Lab, Node
from tests.swarm.stack import NAME, ROOT, Stack

LARGEST = 800_000_000


def test_the_stack_file_is_valid_as_it_is() -> None:
    done = subprocess.run(
        ["docker", "stack", "config", "--compose-file", "stack.yml"],
        cwd=ROOT, env={"PATH": "/usr/local/bin:/usr/bin:/bin"}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not done.stderr


def test_every_labelled_node_has_a_worker_that_computes(stack: Stack) -> None:
    with stack.client() as client:
        names = [
            worker["name"] for worker in client.scheduler_info(n_workers=-1)["workers"].values()
        ]
        assert sorted(name.split("-")[0] for name in names) == ["node2", "node3"]
        assert client.gather(client.map(lambda x: 2 * x, range(10))) == list(range(0, 20, 2))


def test_an_image_has_at_most_800_megabytes(lab: Lab, image: str) -> None:
    assert int(lab.manager.docker("inspect", image, "--format", "{{.Size}}")) <= LARGEST


def test_containers_are_not_root_and_cannot_write_or_gain_anything(stack: Stack) -> None:
    for node, container in containers(stack):
        facts = json.loads(node.docker("inspect", container))[0]
        host = facts["HostConfig"]
        assert node.docker("exec", container, "id", "--user") == "10001"
        assert host["ReadonlyRootfs"]
        assert host["CapDrop"] == ["ALL"]
        assert not host["CapAdd"]
        assert host["Memory"] > 0
        assert not any("docker.sock" in mount["Source"] for mount in facts["Mounts"])
        status = node.docker("exec", container, "cat", "/proc/1/status")
        assert "CapEff:\t0000000000000000" in status
        assert "NoNewPrivs:\t1" in status
        assert 0 < host["PidsLimit"] <= 2000
        # Workers keep to CPUs by themselves: nodes need not have as many as the service may say.
        assert host["NanoCpus"] > 0 or re.search(r"^Cpus_allowed_list:\t\d+$", status, re.MULTILINE)


def test_workers_read_the_data_and_cannot_change_it(stack: Stack) -> None:
    (stack.lab.data / "number").write_text("7")
    with stack.client() as client:
        assert client.submit(Path.read_text, stack.lab.data / "number").result() == "7"
        attempt = client.submit(Path.write_text, stack.lab.data / "number", "8")
        assert "Read-only file system" in str(attempt.exception())
        client.submit(Path.write_text, stack.lab.results / "number", "9").result()
    assert (stack.lab.results / "number").read_text() == "9"


def test_spilled_data_goes_to_a_disk_of_the_node_and_leaves_with_the_task(stack: Stack) -> None:
    node, container = containers(stack)[1]
    mounts = json.loads(node.docker("inspect", container, "--format", "{{json .Mounts}}"))
    [spill] = [mount for mount in mounts if mount["Destination"] == "/spill"]
    assert spill["Type"] == "volume"
    node.docker("rm", "--force", "--volumes", container)
    assert spill["Name"] not in node.docker("volume", "ls", "--quiet").split()


def test_the_image_compiles_no_kernel_when_it_runs(lab: Lab, image: str) -> None:
    program = """
        python -m pipeline.sample /tmp/sample.csv --rows 5000 2>/dev/null
        NUMBA_DEBUG_CACHE=1 python -m pipeline.run /tmp/sample.csv --output /tmp/out --quiet
    """
    run = ("run", "--rm", "--read-only", "--tmpfs", "/tmp", "--network", "none", image)  # noqa: S108 - in the container
    lines = lab.nodes[1].docker(*run, "sh", "-c", program).splitlines()
    assert [line for line in lines if "[cache] data loaded from" in line]
    assert not [line for line in lines if "[cache] data saved to" in line]


def test_no_key_or_password_can_be_read_from_outside(stack: Stack, image: str) -> None:
    manager = stack.lab.manager
    seen = [
        manager.docker("service", "inspect", f"{NAME}_scheduler", f"{NAME}_worker"),
        manager.docker("secret", "inspect", *manager.docker("secret", "ls", "--quiet").split()),
        manager.docker("history", "--no-trunc", image),
        manager.docker("inspect", image),
    ]
    for node, container in containers(stack):
        seen += [
            node.docker("inspect", container),
            node.logs(container),
            node.run("ps", "axeww").stdout,
        ]
    text = "\n".join(seen)
    assert "service.worker" in text
    for secret in secrets(stack):
        assert secret not in text


def containers(stack: Stack) -> list[tuple[Node, str]]:
    """Each running container of the stack with its node, the scheduler's first."""
    lab = stack.lab
    until(lambda: stack.connected() == ["node2", "node3"], "the workers to be there")
    workers = [(node, stack.container("worker", node)) for node in lab.nodes[1:]]
    return [(lab.manager, stack.container("scheduler", lab.manager)), *workers]


def secrets(stack: Stack) -> list[str]:
    """The password, and each line of the private key."""
    key = (stack.certificates / "key.pem").read_text().splitlines()[1:-1]
    return [stack.login[1], *key]
