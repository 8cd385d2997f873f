"""The inventory: what the user writes in `cluster.toml`, validated.

Every model is frozen, refuses unknown keys and never converts one type into another.
`cluster.example.toml` documents each key.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr, ValidationError, field_validator, model_validator

from cluster.errors import ClusterError
from cluster.inventory_allotment import Allotment
from cluster.inventory_image import Image
from cluster.inventory_mistakes import sentence
from cluster.inventory_model import Model as _Model
from cluster.inventory_values import (
    AbsolutePath,
    Endpoint,
    Host,
    Memory,
    Mtu,
    Name,
    Port,
    User,
    bracketed,
)

WORKER_LABEL = ("dask", "worker")
SENTINEL = ".dask-swarm"  # the file that tells a folder of the share from an empty folder


class Node(Allotment):
    """A machine: the address the others reach it at, how Docker on it is reached, what it gives."""

    address: Host
    user: User | None = None
    docker: Endpoint | None = None
    labels: Mapping[str, str] = {}

    @field_validator("labels")
    @classmethod
    def _label_asks_for_a_worker(cls, labels: Mapping[str, str]) -> Mapping[str, str]:
        key, value = WORKER_LABEL
        if labels.get(key, value) != value:
            remedy = f"write {key} = {value!r} where a worker is to run, and no {key} elsewhere"
            raise ValueError(f"{key} = {labels[key]!r} means nothing; {remedy}")
        return labels

    @property
    def endpoint(self) -> str:
        """The Docker endpoint, as `docker --host` takes it."""
        login = f"{self.user}@" if self.user else ""
        return self.docker or f"ssh://{login}{self.address}"

    @property
    def works(self) -> bool:
        """Whether the inventory asks for a Dask worker on this node."""
        key, value = WORKER_LABEL
        return self.labels.get(key) == value


class Worker(Node):
    """A machine that runs a Dask worker unless its labels say otherwise."""

    labels: Mapping[str, str] = dict([WORKER_LABEL])


class Share(_Model):
    """The shared folders: the data, read-only for workers, and the results.

    `provide` says who mounts them: `folder`, they are mounted on every node already;
    `volume`, Docker mounts `server` on every node; `export`, they are exported by the manager
    (or by `server`, if it is named) and mounted on every node by `up`.
    """

    provide: Literal["folder", "volume", "export"] = "export"
    data: AbsolutePath = "/mnt/shared"
    results: AbsolutePath = "/mnt/results"
    server: Host | None = None
    data_export: AbsolutePath = "/srv/dask-swarm/data"
    results_export: AbsolutePath = "/srv/dask-swarm/results"
    options: str = "nfsvers=4.2,hard,timeo=600,retrans=2"
    clients: Annotated[tuple[Host, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _volume_names_its_server(self) -> Self:
        if self.provide == "volume" and self.server is None:
            raise ValueError('provide = "volume" needs share.server, the NFS server to mount')
        return self

    @model_validator(mode="after")
    def _folders_lie_side_by_side(self) -> Self:
        pairs = {"": (self.data, self.results), "_export": (self.data_export, self.results_export)}
        for suffix, (data, results) in pairs.items():
            if f"{results}/".startswith(f"{data}/") or f"{data}/".startswith(f"{results}/"):
                raise ValueError(
                    f"results{suffix}: {results} and share.data{suffix}, {data}, are the same or "
                    "one in the other; name two folders side by side"
                )
        return self

    @property
    def folders(self) -> dict[str, str]:
        """The two folders, and the server's paths of each."""
        return {self.data: self.data_export, self.results: self.results_export}


class SchedulerResources(_Model):
    """Where the scheduler listens on the manager, and the memory it may use."""

    port: Port = 8786
    memory: Memory = "1G"


class Dashboard(_Model):
    """Where the dashboard listens on the manager, and who may log in."""

    user: User = "dask"
    port: Port = 8787


class Network(_Model):
    """The machines' network: the bytes of its largest packet."""

    mtu: Mtu = 1500


class Inventory(_Model):
    """A cluster: one manager, any number of workers, one share, one image, one stack.

    `hosts` is `bare` when `up` has to install Docker, the share and the Swarm itself,
    `ready` when a Swarm and a share are there already and are to be left alone.
    """

    name: Name = "dask"
    hosts: Literal["bare", "ready"] = "bare"
    state: str | None = None
    manager: Node
    workers: Annotated[tuple[Worker, ...], Field(strict=False)] = ()
    share: Share = Share()
    image: Image = Image()
    worker: Allotment = Allotment()
    scheduler: SchedulerResources = SchedulerResources()
    dashboard: Dashboard = Dashboard()
    network: Network = Network()
    _path: Path = PrivateAttr()

    def model_post_init(self, context: Any) -> None:
        """Keep the inventory's own file, which is the `context` of its validation."""
        self._path = Path(context)

    @model_validator(mode="after")
    def _each_node_is_named_once(self) -> Self:
        seen: dict[str, str] = {}
        for path, node in self.nodes_by_path():
            for value in (node.address, node.endpoint):
                if seen.setdefault(value, path) != path:
                    raise ValueError(f"{path}: {value} is {seen[value]} already")
        return self

    @model_validator(mode="after")
    def _ports_differ(self) -> Self:
        if self.scheduler.port == self.dashboard.port:
            port = self.dashboard.port
            raise ValueError(f"dashboard.port: {port} is scheduler.port already; choose another")
        return self

    @model_validator(mode="after")
    def _someone_works(self) -> Self:
        if not any(node.works for node in self.nodes):
            raise ValueError('no node has the label dask = "worker", so nothing would compute')
        return self

    @model_validator(mode="after")
    def _who_gives_works(self) -> Self:
        for path, node in self.nodes_by_path():
            if node.given and not node.works:
                advice = 'remove it, or give the node the label dask = "worker"'
                raise ValueError(f"{path}.{min(node.given)}: no worker runs there; {advice}")
        return self

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All machines, the manager first."""
        return (self.manager, *self.workers)

    @property
    def builder(self) -> str:
        """The Docker endpoint that builds the image, or has it."""
        return self.image.builder or self.manager.endpoint

    @property
    def state_folder(self) -> Path:
        """Where certificates and passwords are kept, readable by this user only."""
        return Path(self.state or f"~/.local/state/dask-swarm/{self.name}").expanduser()

    @property
    def requirements(self) -> Path | None:
        """The file that lists the packages to add, beside the inventory unless it is absolute."""
        return self._path.parent / named if (named := self.image.requirements) else None

    @property
    def lock(self) -> Path:
        """The file beside the inventory that holds what the image's packages are locked to."""
        return self._path.with_suffix(".lock")

    @property
    def share_clients(self) -> tuple[str, ...]:
        """The addresses that may mount the share: by default exactly the nodes."""
        return self.share.clients or tuple(node.address for node in self.nodes)

    @property
    def share_server(self) -> str:
        """The NFS server: by default the manager."""
        return self.share.server or self.manager.address

    @property
    def scheduler_address(self) -> str:
        """The address a Dask client connects to."""
        return f"tls://{bracketed(self.manager.address)}:{self.scheduler.port}"

    @property
    def dashboard_address(self) -> str:
        """The address a browser opens."""
        return f"https://{bracketed(self.manager.address)}:{self.dashboard.port}"

    def nodes_by_path(self) -> list[tuple[str, Node]]:
        """Return all machines, each after the key that it stands under."""
        workers = [(f"workers[{i}]", worker) for i, worker in enumerate(self.workers)]
        return [("manager", self.manager), *workers]


def read_inventory(path: Path) -> Inventory:
    """Read and validate an inventory file.

    Raises ClusterError with one line per mistake, each beginning with the key's path.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        advice = "make one with: python -m cluster init"
        raise ClusterError(f"{path} does not exist; {advice}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ClusterError(f"{path} cannot be read: {error}") from None
    return parse(document, str(path))


def parse(document: Mapping[str, Any], source: str = "cluster.toml") -> Inventory:
    """Validate an inventory that is already a mapping.

    `source` is its file, which errors name and what lies beside the inventory is found by.
    """
    try:
        return Inventory.model_validate(document, context=source)
    except ValidationError as error:
        mistakes = [f"{source}: {sentence(detail)}" for detail in error.errors()]
        raise ClusterError("\n".join(mistakes)) from None
