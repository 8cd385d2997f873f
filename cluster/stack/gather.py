"""Reads all facts of the stack: nodes, swarm, share, scheduler and this machine's files."""

from collections.abc import Mapping
from datetime import UTC, datetime

from cluster.each_node import ask_each, on_each
from cluster.errors import ClusterError
from cluster.inventory import Inventory, Node
from cluster.local import credentials, dask_config
from cluster.stack.containers import look
from cluster.stack.daemon import image_id, read_node
from cluster.stack.facts import Facts, NodeFacts, ShareView, Swarm
from cluster.stack.names import image_reference
from cluster.stack.scheduler import ask_scheduler
from cluster.stack.source import read_source
from cluster.stack.swarm import read_swarm


def read_facts(inventory: Inventory) -> Facts:
    """Read everything a plan depends on; nothing is changed."""
    source = read_source(inventory)
    image = image_reference(inventory, source)
    answers = ask_each(inventory.nodes, lambda node: read_node(node, inventory.name, image))
    nodes = answers.values
    manager = nodes.get(inventory.manager.address)
    swarm = read_swarm(inventory) if manager and manager.manages else Swarm()
    built = _built(inventory, nodes, image)
    ready = [node for node in inventory.nodes if built and _image(nodes, node) == built]
    return Facts(
        now=datetime.now(UTC),
        source=source,
        credentials=credentials.inspect(inventory.state_folder),
        client_configuration=dask_config.read(dask_config.default_path()),
        nodes=nodes,
        unreachable=answers.errors,
        swarm=swarm,
        built=built,
        share=on_each(ready, lambda node: _view_share(inventory, node, image)),
        dask=ask_scheduler(inventory) if swarm.deployed else None,
    )


def _view_share(inventory: Inventory, node: Node, image: str) -> ShareView:
    """Look for the sentinel files from a container on a node."""
    try:
        return ShareView(look(inventory, node.endpoint, image)["markers"])
    except ClusterError as error:
        return ShareView({}, str(error))


def _built(inventory: Inventory, nodes: Mapping[str, NodeFacts], image: str) -> str | None:
    """Return the image's id where it is built; the manager's copy counts if nobody answers."""
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
