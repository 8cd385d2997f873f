"""A real Docker Swarm of several nodes on one Linux machine: one daemon per network namespace.

Each node has namespaces of its own (network, mount, uts, pid) and runs `dockerd` in them, so that
killing the first process of a node ends everything that ever ran on it: daemon, shims, containers.
Nodes reach each other and this machine through a bridge, and nothing else: there is no uplink.

Everything a lab makes is named after its number and kept in one folder, whose lock the owner
holds. `Lab.start` first sweeps the folders nobody holds: what a killed test run left behind.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.pace import until
from tests.swarm.daemon import Daemon, call, remove_cgroups, start

NODES = 3
USER = 10001
"""The containers' user, who may write results."""
FOLDER = Path(tempfile.gettempdir())
LABELS = "{{range $name, $_ := .Spec.Labels}}{{$name}} {{end}}"
TOOLS = ("dockerd", "containerd", "docker", "iptables", "ip", "nsenter", "unshare", "setpriv")


def missing() -> str | None:
    """Why a lab cannot run here, as a sentence; None when it can."""
    if os.geteuid() != 0:
        return "a swarm of three nodes needs root"
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    return f"a swarm of three nodes needs {', '.join(absent)}" if absent else None


@dataclass(frozen=True)
class Node(Daemon):
    """One machine of the lab: a name, an address, a Docker daemon, a network cable."""

    name: str
    address: str
    bridge: str

    @property
    def namespace(self) -> str:
        return f"{self.bridge}-{self.name}"

    def run(self, *argv: str, **options: object) -> subprocess.CompletedProcess[str]:
        """Run a command on the node, that is in all of its namespaces."""
        init = (self.folder / "pid").read_text()
        return call("nsenter", "--target", init, "--all", "--", *argv, **options)

    def reboot(self) -> None:
        """Pull the plug, then start again from what the disk holds; return when Docker answers."""
        os.kill(int((self.folder / "pid").read_text()), signal.SIGKILL)
        until(lambda: not call("ip", "netns", "pids", self.namespace).stdout, f"{self.name} off")
        self.wait(_boot(self))

    def cut(self) -> None:
        """Pull the network cable."""
        call("ip", "-netns", self.bridge, "link", "set", self.name, "down")

    def mend(self) -> None:
        """Plug the network cable in again."""
        call("ip", "-netns", self.bridge, "link", "set", self.name, "up")

    def hide(self, path: Path) -> None:
        """Put an empty folder over `path`, as if nothing were mounted there."""
        self.run("mount", "-t", "tmpfs", "hidden", str(path))

    def show(self, path: Path) -> None:
        """Undo `hide`."""
        self.run("umount", str(path))


@dataclass
class Lab:
    """Three nodes of one swarm, `nodes[0]` its manager, and two folders that all of them share."""

    folder: Path
    nodes: list[Node] = field(default_factory=list)

    @property
    def manager(self) -> Node:
        return self.nodes[0]

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def results(self) -> Path:
        return self.folder / "results"

    def reset(self) -> None:
        """Bring the swarm back to nothing: no stack, no secret, no label; images stay."""
        manager = self.manager
        _remove(manager, "service")
        for node in self.nodes:
            for label in manager.docker("node", "inspect", node.name, "--format", LABELS).split():
                manager.docker("node", "update", "--label-rm", label, node.name)
            until(lambda node=node: not node.docker("ps", "--quiet"), f"{node.name} at rest")
            node.docker("container", "prune", "--force")
            _remove(node, "volume")
        _remove(manager, "secret")
        _remove(manager, "config")
        until(lambda: _remove_networks(manager), "the stack's networks are gone")


def _remove(node: Node, kind: str, *options: str) -> None:
    if names := node.docker(kind, "ls", "--quiet", *options).split():
        node.docker(kind, "rm", *names)


def _remove_networks(manager: Node) -> bool:
    """Try to; False while the swarm still counts a task that holds one."""
    try:
        _remove(manager, "network", "--filter", "label=com.docker.stack.namespace")
    except RuntimeError as refusal:
        if "in use by task" in str(refusal):
            return False
        raise
    return True


@contextmanager
def swarm(nodes: int = NODES) -> Iterator[Lab]:
    """A running lab: daemons up, swarm joined; nothing of it is left at the end."""
    _sweep_abandoned()
    with _claim() as folder:
        try:
            yield _start(folder, nodes)
        finally:
            _sweep(folder)


@contextmanager
def _claim() -> Iterator[Path]:
    """A new folder with a free number, locked for as long as it is used."""
    for number in range(256):
        folder = FOLDER / f"swarm{number}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
        return
    raise RuntimeError(f"no number is free for a lab in {FOLDER}")


def _sweep_abandoned() -> None:
    for lock in FOLDER.glob("swarm[0-9]*/lock"):
        with lock.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            _sweep(lock.parent)


def _start(folder: Path, count: int) -> Lab:
    bridge, number = folder.name, folder.name.removeprefix("swarm")
    lab = Lab(folder)
    lab.data.mkdir()
    lab.results.mkdir()
    os.chown(lab.results, USER, USER)
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    _lay_bridge(bridge, number)
    for index in range(count):
        name = f"node{index + 1}"
        node = Node(folder / name, name, f"10.77.{number}.{10 + index}", bridge)
        lab.nodes.append(node)
        _lay_cable(node, f"10.77.{number}.254")
    for node, process in [(node, _boot(node)) for node in lab.nodes]:
        node.wait(process)
    _join(lab)
    return lab


def _lay_bridge(bridge: str, number: str) -> None:
    """A bridge in a namespace of its own, which forwards nothing, with a cable to this machine."""
    call("ip", "netns", "add", bridge)
    inside = ("ip", "-netns", bridge)
    call(*inside, "link", "add", "br0", "type", "bridge")
    call(*inside, "address", "add", f"10.77.{number}.254/24", "dev", "br0")
    call(*inside, "link", "set", "br0", "up")
    call("ip", "link", "add", bridge, "type", "veth", "peer", "name", "machine", "netns", bridge)
    call("ip", "address", "add", f"10.77.{number}.1/24", "dev", bridge)
    call("ip", "link", "set", bridge, "up")
    call(*inside, "link", "set", "machine", "master", "br0", "up")


def _lay_cable(node: Node, gateway: str) -> None:
    call("ip", "netns", "add", node.namespace)
    inside = ("ip", "-netns", node.namespace)
    call(
        *inside,
        "link",
        "add",
        "eth0",
        "type",
        "veth",
        "peer",
        "name",
        node.name,
        "netns",
        node.bridge,
    )
    call(*inside, "link", "set", "lo", "up")
    call(*inside, "address", "add", f"{node.address}/24", "dev", "eth0")
    call(*inside, "link", "set", "eth0", "up")
    call("ip", "-netns", node.bridge, "link", "set", node.name, "master", "br0", "up")
    call(*inside, "route", "add", "default", "via", gateway)


def _boot(node: Node) -> subprocess.Popen[bytes]:
    node.folder.mkdir(exist_ok=True)
    enter = ("nsenter", f"--net=/run/netns/{node.namespace}")
    resolver = node.folder.parent / "resolv.conf"
    before = f"hostname {node.name} && mount --bind {resolver} /etc/resolv.conf &&"
    return start(node.folder, enter, f"/{node.bridge}/{node.name}", before=before)


def _join(lab: Lab) -> None:
    manager = lab.manager
    manager.docker(
        "swarm", "init", "--advertise-addr", manager.address, "--task-history-limit", "2"
    )
    token = manager.docker("swarm", "join-token", "--quiet", "worker")
    for node in lab.nodes[1:]:
        node.docker("swarm", "join", "--token", token, f"{manager.address}:2377")
    ready = ["Ready"] * len(lab.nodes)
    status = ("node", "ls", "--format", "{{.Status}}")
    until(lambda: manager.docker(*status).split() == ready, "every node ready")


def _sweep(folder: Path) -> None:
    """Remove all that a lab has made, whatever state it is in."""
    bridge = folder.name
    listed = call("ip", "netns", "list").stdout.split()
    namespaces = [name for name in listed if name == bridge or name.startswith(f"{bridge}-")]
    for namespace in namespaces:
        until(lambda namespace=namespace: not _kill_all(namespace), f"{namespace} to end")
        call("ip", "netns", "delete", namespace)
    subprocess.run(["ip", "link", "delete", bridge], capture_output=True, check=False)
    remove_cgroups(bridge)
    shutil.rmtree(folder)


def _kill_all(namespace: str) -> list[str]:
    pids = call("ip", "netns", "pids", namespace).stdout.split()
    for pid in pids:
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:
            continue
    return pids
