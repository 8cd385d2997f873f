"""Where things are on a host: units, exports, and the marks of what `up` changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from cluster.inventory import SENTINEL, Inventory, Node

DOCKER_UNIT = "docker.service"
NFS_SERVER_UNIT = "nfs-server.service"
EXPORTS = "/etc/exports.d/dask-swarm.exports"
UNITS = "/etc/systemd/system"
# Each file here says that `up` did something that `down --all` has to undo.
MARKS = "/var/lib/dask-swarm"
JOINED = f"{MARKS}/joined-the-swarm"
GROUPED = f"{MARKS}/added-to-group-docker"

MOUNT = """\
[Unit]
Description=dask-swarm {name}: {path}
Before=docker.service

[Mount]
What={source}
Where={path}
Type={type}
Options={options}
TimeoutSec=60
"""

AUTOMOUNT = """\
[Unit]
Description=dask-swarm {name}: {path}, mounted when it is used
Before=docker.service

[Automount]
Where={path}
"""

INSTALL = """
[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True)
class Folder:
    """One folder of the share on one host: its mount point, and the unit files that keep it.

    `files` maps each unit file's path to its text; `units` are their names, first the one that is
    started at boot.
    """

    path: str
    files: Mapping[str, str]
    units: tuple[str, ...]

    @property
    def unit(self) -> str:
        """The unit that is started at boot."""
        return self.units[0]


def sentinel(folder: str) -> str:
    """Return the path of a folder's sentinel file, which holds the cluster's name."""
    return f"{folder}/{SENTINEL}"


def serves(inventory: Inventory, node: Node) -> bool:
    """Whether this node exports the share."""
    return inventory.share.provide == "export" and inventory.share_server == node.address


def folders(inventory: Inventory, node: Node) -> tuple[Folder, ...]:
    """Return the folders of the share that this project mounts on a node."""
    share = inventory.share
    if share.provide != "export":
        return ()
    make = _bound if serves(inventory, node) else _mounted
    return (
        make(inventory, share.data_export, share.data, "ro"),
        make(inventory, share.results_export, share.results, "rw"),
    )


def _bound(inventory: Inventory, export: str, path: str, _mode: str) -> Folder:
    """Return the server's own view of an export: the folder itself, writable."""
    unit = unit_name(path, "mount")
    text = MOUNT.format(name=inventory.name, path=path, source=export, type="none", options="bind")
    return Folder(path, {f"{UNITS}/{unit}": text + INSTALL}, (unit,))


def _mounted(inventory: Inventory, export: str, path: str, mode: str) -> Folder:
    """Return a client's view of an export.

    It is mounted on first use: a server may boot later than its clients, and a share that is not
    there is an error and never an empty folder.
    """
    mount, automount = unit_name(path, "mount"), unit_name(path, "automount")
    text = MOUNT.format(
        name=inventory.name,
        path=path,
        source=f"{inventory.share_server}:{export}",
        type="nfs",
        options=f"{inventory.share.options},{mode},_netdev,retry=0",
    )
    automatic = AUTOMOUNT.format(name=inventory.name, path=path) + INSTALL
    files = {f"{UNITS}/{mount}": text, f"{UNITS}/{automount}": automatic}
    return Folder(path, files, (automount, mount))


def exports(inventory: Inventory) -> str:
    """Return the server's table of exports: data read-only, results writable, for the nodes.

    Root is squashed: a client's root has no rights on the server.
    """
    share = inventory.share
    lines = [
        f"{path} " + " ".join(f"{client}({mode},sync,root_squash,no_subtree_check)" for client in
                              inventory.share_clients)
        for path, mode in ((share.data_export, "ro"), (share.results_export, "rw"))
    ]  # fmt: skip
    return "".join(f"{line}\n" for line in lines)


def units(inventory: Inventory, node: Node) -> tuple[str, ...]:
    """Return the systemd units that this project starts at boot on a node."""
    return tuple(folder.unit for folder in folders(inventory, node))


def paths(inventory: Inventory, node: Node) -> tuple[str, ...]:
    """Return the paths of all files of this project on a node, whether they exist or not."""
    share, mounted = inventory.share, folders(inventory, node)
    shown = [*(folder.path for folder in mounted)]
    if serves(inventory, node):
        shown += [share.data_export, share.results_export]
    files = [path for folder in mounted for path in folder.files]
    return (EXPORTS, JOINED, GROUPED, *files, *map(sentinel, shown))


def unit_name(path: str, kind: str) -> str:
    """Return the name of a mount point's unit, as `systemd-escape --path` gives it."""
    escaped = "".join(_escaped(letter) for letter in path.strip("/"))
    return f"{escaped}.{kind}"


def _escaped(letter: str) -> str:
    if letter == "/":
        return "-"
    if letter.isascii() and (letter.isalnum() or letter in ":_."):
        return letter
    return "".join(f"\\x{byte:02x}" for byte in letter.encode())
