"""The clients' side of the share: systemd units for each folder, and proof that it is there."""

from collections.abc import Iterator
from dataclasses import dataclass

from cluster.errors import ClusterError
from cluster.hosts import layout
from cluster.hosts.facts import HostFacts
from cluster.hosts.remote import ask, call, change_step
from cluster.inventory import SENTINEL, Inventory, Node
from cluster.plan import Step


@dataclass(frozen=True)
class VerifyShare:
    """Verify that folders of a host are the share: their sentinel files say the cluster's name."""

    node: Node
    paths: tuple[str, ...]
    source: str  # the address of the NFS server
    name: str

    def apply(self) -> None:
        """Read the sentinel files; raise ClusterError when a folder is not the share."""
        (texts,) = ask(self.node, [call("Texts", paths=[*map(layout.sentinel, self.paths)])])
        for path in self.paths:
            found = texts.get(layout.sentinel(path), "").strip()
            if found != self.name:
                said = f"says {found!r}" if found else "cannot be read"
                raise ClusterError(
                    f"{self.node.address}: {path} is not the share of {self.source}: its file "
                    f"{SENTINEL} {said} and must say {self.name!r}; look at `systemctl status "
                    f"{layout.unit_name(path, 'mount')}` there, and check on {self.source} that "
                    "the folder has this file and the NFS server runs"
                )


def plan_mounts(inventory: Inventory, node: Node, facts: HostFacts) -> Iterator[Step]:
    """Plan the mounts, now and after every boot, and the proof that the share is there."""
    folders = layout.folders(inventory, node)
    files = {path: text for folder in folders for path, text in folder.files.items()}
    units = {folder.unit for folder in folders}
    places = " and ".join(folder.path for folder in folders)
    kept = all(facts.files.get(path) == text for path, text in files.items())
    if not kept or units - (facts.running & facts.enabled):
        source = "the exported folders" if layout.serves(inventory, node) else "the share"
        yield change_step(
            node,
            f"mount {source} at {places}, now and after every boot",
            "the units are missing, changed or not running",
            *(call("files.directory", path=folder.path) for folder in folders),
            *(call("files.put", text=text, dest=path, mode="644") for path, text in files.items()),
            call("systemd.daemon_reload"),
            *(call("systemd.service", service=unit, running=True, enabled=True, restarted=not kept)
              for unit in sorted(units)),
        )  # fmt: skip
    paths = tuple(folder.path for folder in folders)
    if any(facts.files.get(layout.sentinel(path)) != f"{inventory.name}\n" for path in paths):
        verify = VerifyShare(node, paths, inventory.share_server, inventory.name)
        yield Step(node.address, f"verify the share at {places}", "not verified yet", verify)
