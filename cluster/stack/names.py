"""What this cluster's things are called, and the labels by which they are recognised."""

from collections.abc import Mapping

from cluster.inventory import Inventory
from cluster.stack.facts import Credentials, Source

STACK_LABEL = "com.docker.stack.namespace"
SERVICE_LABEL = "com.docker.swarm.service.name"
CLUSTER_LABEL = "dask-swarm.cluster"
DIGEST_LABEL = "dask-swarm.digest"
REPOSITORY = "dask-swarm.invalid/node"


def image_reference(inventory: Inventory, source: Source) -> str:
    """Name the wanted image: the inventory's, or one that is called by its content.

    The default repository can never be found in a registry, so Docker never looks for it there.
    """
    registry = inventory.image.registry
    repository = f"{registry}/dask-swarm" if registry else REPOSITORY
    return inventory.image.reference or f"{repository}:{source.context}"


def secret_names(inventory: Inventory, credentials: Credentials) -> Mapping[str, str]:
    """Name the secrets by kind and content, as far as their content is there."""
    digests = credentials.digests
    return {kind: f"{inventory.name}-{kind}-{digest}" for kind, digest in digests.items()}
