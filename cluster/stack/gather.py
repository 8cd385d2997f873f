"""Reads all facts: of every node, the swarm, the share, the scheduler and this machine."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from cluster.errors import ClusterError
from cluster.inventory import Inventory, Node
from cluster.local import credentials, dask_config
from cluster.stack.containers import look
from cluster.stack.daemon import image_id, read_node
from cluster.stack.facts import Facts, NodeFacts, ShareView, Source, Swarm
from cluster.stack.names import image_reference
from cluster.stack.scheduler import ask_scheduler
from cluster.stack.swarm import read_swarm

ROOT = Path(__file__).resolve().parents[2]
STACK = "stack.yml"
CONTEXT = ("images", "pipeline", "requirements.lock")  # as .dockerignore has it

Value = TypeVar("Value")


def gather(inventory: Inventory) -> Facts:
    """Read everything a plan depends on; nothing is changed."""
    source = read_source(inventory)
    image = image_reference(inventory, source)
    nodes, unreachable = _sorted_out(
        on_each(inventory.nodes, lambda node: read_node(node.endpoint, inventory.name, image))
    )
    manager = nodes.get(inventory.manager.address)
    swarm = read_swarm(inventory) if manager and manager.manages else Swarm()
    built = _built(inventory, nodes, image)
    ready = [node for node in inventory.nodes if built and _image(nodes, node) == built]
    return Facts(
        now=datetime.now(UTC),
        source=source,
        credentials=credentials.inspect(inventory.state_folder),
        client_configuration=dask_config.read(),
        nodes=nodes,
        unreachable=unreachable,
        swarm=swarm,
        built=built,
        share=on_each(ready, lambda node: view_share(inventory, node, image)),
        dask=ask_scheduler(inventory) if swarm.deployed else None,
    )


def on_each(nodes: Iterable[Node], read: Callable[[Node], Value]) -> dict[str, Value]:
    """Read something of several nodes at the same time; keyed by their addresses."""
    nodes = list(nodes)
    with ThreadPoolExecutor(len(nodes) or 1) as pool:
        return dict(zip((node.address for node in nodes), pool.map(read, nodes), strict=True))


def read_source(inventory: Inventory) -> Source:
    """Digest this project's own files, as far as image and stack are made of them."""
    if not (ROOT / STACK).exists():
        raise ClusterError(f"{ROOT} has no {STACK}; run this in a checkout of the project")
    files = [path for name in CONTEXT for path in _files(ROOT / name)]
    context = sha256(inventory.image.base.encode())
    for path in files:
        context.update(f"\0{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    stack = ROOT / STACK
    return Source(ROOT, context.hexdigest()[:12], stack.read_text(encoding="utf-8"))


def view_share(inventory: Inventory, node: Node, image: str) -> ShareView:
    """Look for the sentinel files from a container on a node."""
    try:
        return ShareView(look(inventory, node.endpoint, image)["markers"])
    except ClusterError as error:
        return ShareView({}, str(error))


def _sorted_out(
    found: Mapping[str, NodeFacts | ClusterError],
) -> tuple[dict[str, NodeFacts], dict[str, str]]:
    nodes = {address: node for address, node in found.items() if isinstance(node, NodeFacts)}
    errors = {address: str(why) for address, why in found.items() if isinstance(why, ClusterError)}
    return nodes, errors


def _built(inventory: Inventory, nodes: Mapping[str, NodeFacts], image: str) -> str | None:
    """Return the image's id where it is built; the manager's copy stands in if nobody answers."""
    for node in inventory.nodes:
        if node.endpoint == inventory.builder:
            return _image(nodes, node)
    try:
        return image_id(inventory.builder, image)
    except ClusterError:
        return _image(nodes, inventory.manager)


def _image(nodes: Mapping[str, NodeFacts], node: Node) -> str | None:
    found = nodes.get(node.address)
    return found.image if found else None


def _files(path: Path) -> list[Path]:
    """List the files that Docker's build sees below a path, in a fixed order."""
    if path.is_file():
        return [path]
    return sorted(
        file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts
    )
