"""Docker and NFS from the distribution's packages: installed, running, usable by the account."""

from collections.abc import Iterator

from cluster.hosts import layout
from cluster.hosts.facts import HostFacts
from cluster.hosts.remote import call, step
from cluster.inventory import Inventory, Node
from cluster.step import Step

LOCK_SECONDS = 300


def machine(inventory: Inventory, node: Node, facts: HostFacts) -> Iterator[Step]:
    """Install, start, and admit the account to Docker."""
    start = call("systemd.service", service="docker.service", running=True, enabled=True)
    if missing := sorted(_packages(inventory, node, facts) - facts.packages):
        lock = f"-o DPkg::Lock::Timeout={LOCK_SECONDS}"
        install = call("apt.packages", packages=missing, update=True, extra_install_args=lock)
        yield step(node, f"install {', '.join(missing)}", "not installed", install, start)
    elif "docker.service" not in facts.running & facts.enabled:
        yield step(node, "start Docker, now and at every boot", "it does not run", start)
    if facts.account != "root" and "docker" not in facts.groups:
        mark = call("files.put", text=f"{facts.account}\n", dest=layout.GROUPED)
        # pyinfra's server.user would first read all there is to know of every account.
        admit = call("server.shell", commands=[f"usermod --append --groups docker {facts.account}"])
        what = f"admit {facts.account} to Docker (group docker)"
        yield step(node, what, "not a member", mark, admit)


def _packages(inventory: Inventory, node: Node, facts: HostFacts) -> set[str]:
    wanted = set() if facts.has_docker else {"docker.io"}
    if inventory.share.provide == "export":
        wanted |= {"nfs-common"}
    if layout.serves(inventory, node):
        wanted |= {"nfs-kernel-server"}
    return wanted
