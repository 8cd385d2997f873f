"""The sentinel files that tell the share from the empty folder it should be mounted on."""

from collections.abc import Iterator
from dataclasses import dataclass

from cluster.docker.command import docker
from cluster.errors import ClusterError
from cluster.inventory import SENTINEL, Inventory
from cluster.plan import Stage, Step
from cluster.stack.facts import Facts
from cluster.stack.names import image_reference

_WRITE = f"open('{SENTINEL}', 'x').write(input())"


@dataclass(frozen=True)
class ShareFault:
    """Why a node, by its address, does not see the share that the others see; and the remedy."""

    address: str
    what: str

    def __str__(self) -> str:
        """Return the one line that begins with the address."""
        return f"{self.address}: {self.what}"


@dataclass(frozen=True)
class MarkShare:
    """Write the sentinel file at the top of a folder of the share, from one machine."""

    endpoint: str
    image: str
    folder: str
    content: str

    def apply(self) -> None:
        """Write it from a container: of the node only its Docker can be reached."""
        mount = f"type=bind,src={self.folder},dst={self.folder}"
        try:
            docker(
                self.endpoint,
                *("run", "--rm", "--interactive", "--network", "none", "--user", "0:0"),
                *("--mount", mount, "--workdir", self.folder, self.image),
                *("python", "-c", _WRITE),
                stdin=f"{self.content}\n",
            )
        except ClusterError as error:
            raise ClusterError(f"{error}; {by_hand(self.folder)}") from None


def by_hand(folder: str) -> str:
    """Say how a user writes the sentinel file."""
    return f"where the share can be written, run: touch {folder}/{SENTINEL}"


def plan_share(inventory: Inventory, facts: Facts) -> Stage:
    """Mark the share, unless it is marked; refuse nodes that do not see the mark."""
    return Stage.of("share", _steps(inventory, facts))


def share_faults(inventory: Inventory, facts: Facts) -> list[ShareFault]:
    """Return what is wrong with the share, node by node."""
    faults = [
        ShareFault(address, f"the share cannot be looked at: {view.problem}; mount it there")
        for address, view in facts.share.items()
        if view.problem
    ]
    for folder in inventory.share.folders:
        faults.extend(_folder_faults(facts, folder))
    return faults


def _folder_faults(facts: Facts, folder: str) -> Iterator[ShareFault]:
    seen = {a: view.markers[folder] for a, view in facts.share.items() if folder in view.markers}
    right = next((marker for marker in seen.values() if marker is not None), None)
    for address, marker in seen.items():
        if marker is None and right is not None:
            yield ShareFault(
                address,
                f"{folder} has no {SENTINEL} although another node's has: "
                "the share is not mounted there; mount it and try again",
            )
        elif marker != right:
            yield ShareFault(
                address,
                f"{folder} is another share than on the first node: its {SENTINEL} "
                f"says {marker!r}, not {right!r}; mount the same one everywhere",
            )


def _steps(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    if faults := share_faults(inventory, facts):
        raise ClusterError("\n".join(map(str, faults)))
    for node in inventory.nodes:
        if node.address not in facts.share:
            yield Step(node.address, "look whether the share is mounted", "the image comes first")
    for folder in inventory.share.folders if facts.share else ():
        if all(view.markers[folder] is None for view in facts.share.values()):
            yield _mark_step(inventory, facts, folder)


def _mark_step(inventory: Inventory, facts: Facts, folder: str) -> Step:
    manager, share = inventory.manager, inventory.share
    if share.provide == "volume":
        export = share.folders[folder]
        raise ClusterError(
            f"{inventory.share_server}:{export} has no {SENTINEL}; {by_hand(export)}"
        )
    image = image_reference(inventory, facts.source)
    content = f"{inventory.name} {facts.now:%Y-%m-%dT%H:%M:%SZ}"
    action = MarkShare(manager.endpoint, image, folder, content)
    why = "it tells the share from an empty folder"
    return Step(manager.address, f"write {folder}/{SENTINEL}", why, action)
