"""Docker and NFS from the distribution's packages: installed, running, usable by the account."""

from collections.abc import Iterator
from dataclasses import dataclass

from cluster import children
from cluster.hosts import layout
from cluster.hosts.facts import HostFacts
from cluster.hosts.remote import Change, call, change_step
from cluster.inventory import Inventory, Node
from cluster.plan import Step

APT_LOCK_SECONDS = 300
DISCONNECT_SECONDS = 30.0


@dataclass(frozen=True)
class Admit:
    """Let the account use Docker."""

    node: Node
    account: str

    def apply(self) -> None:
        """Add it to the group, and end the SSH connection that later commands would share.

        A login that is open does not know the new group.
        """
        mark = call("files.put", text=f"{self.account}\n", dest=layout.GROUPED)
        # pyinfra's server.user would first read every account of the host, which is slow.
        admit = call("server.shell", commands=[f"usermod --append --groups docker {self.account}"])
        Change(self.node, (mark, admit)).apply()
        end = ("ssh", "-O", "exit", f"{self.account}@{self.node.address}")
        # It fails where no connection is shared: then there is none to end.
        children.run(end, seconds=DISCONNECT_SECONDS)


def plan_packages(inventory: Inventory, node: Node, facts: HostFacts) -> Iterator[Step]:
    """Plan the packages, a running Docker, and the account's access to it."""
    start = call("systemd.service", service=layout.DOCKER_UNIT, running=True, enabled=True)
    if missing := sorted(_wanted_packages(inventory, node, facts) - facts.packages):
        lock = f"-o DPkg::Lock::Timeout={APT_LOCK_SECONDS}"
        fetch = call("apt.packages", packages=missing, update=True, extra_install_args=lock)
        yield change_step(node, f"install {', '.join(missing)}", "not installed", fetch, start)
    elif layout.DOCKER_UNIT not in facts.running & facts.enabled:
        yield change_step(node, "start Docker, now and at every boot", "it does not run", start)
    if facts.account != "root" and "docker" not in facts.groups:
        what = f"admit {facts.account} to Docker (group docker)"
        yield Step(node.address, what, "not a member", Admit(node, facts.account))


def _wanted_packages(inventory: Inventory, node: Node, facts: HostFacts) -> set[str]:
    wanted = set() if facts.has_docker else {"docker.io"}
    if inventory.share.provide == "export":
        wanted |= {"nfs-common"}
    if layout.serves(inventory, node):
        wanted |= {"nfs-kernel-server"}
    return wanted
