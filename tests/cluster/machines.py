"""Two machines as values: what the tests of the hosts' plans start from and then change."""

from dataclasses import replace

from cluster.hosts import layout
from cluster.hosts.facts import Engine, HostFacts, Hosts, Member
from cluster.inventory import Inventory, Node
from cluster.plan import Plan

MANAGER, WORKER = "10.0.0.10", "10.0.0.11"

BARE = HostFacts(
    account="ops",
    groups=frozenset({"ops"}),
    system="debian",
    version="12",
    clock=0.0,
    free=50 * 2**30,
    ports={22: "sshd"},
    packages=frozenset(),
    running=frozenset(),
    enabled=frozenset(),
    engine=None,
    members=(),
    files={},
    mounts={"/": "/dev/sda1"},
    firewall=None,
)


def bare(**changes: HostFacts) -> Hosts:
    return Hosts({MANAGER: BARE, WORKER: BARE} | changes, {})


def converged(inventory: Inventory, node: Node) -> HostFacts:
    """What a host says when all that was planned for it has been done."""
    folders = layout.folders(inventory, node)
    files = {path: text for folder in folders for path, text in folder.files.items()}
    shown = [folder.path for folder in folders]
    packages, units = {"docker.io", "nfs-common"}, {folder.unit for folder in folders}
    if layout.serves(inventory, node):
        packages |= {"nfs-kernel-server"}
        units |= {"nfs-server.service"}
        files[layout.EXPORTS] = layout.exports(inventory)
        shown += [inventory.share.data_export, inventory.share.results_export]
    files |= {layout.sentinel(path): f"{inventory.name}\n" for path in shown}
    is_manager = node == inventory.manager
    return replace(
        BARE,
        groups=frozenset({"ops", "docker"}),
        packages=frozenset(packages),
        running=frozenset({"docker.service", *units}),
        enabled=frozenset({"docker.service", *units}),
        engine=Engine("20.10.24+dfsg1", f"host-{node.address}", "active", f"id-{node.address}",
                      is_manager, frozenset({f"{MANAGER}:2377"})),
        members=tuple(Member(f"id-{a}", f"host-{a}", a, "ready") for a in (MANAGER, WORKER))
        if is_manager else (),
        files=files | {layout.JOINED: "\n", layout.GROUPED: "\n"},
    )  # fmt: skip


def all_converged(inventory: Inventory) -> Hosts:
    return Hosts({node.address: converged(inventory, node) for node in inventory.nodes}, {})


def told(found: Plan) -> list[tuple[str, str]]:
    return [(step.host, step.what) for step in found.steps]
