"""What this cluster's image and secrets are called, and the labels that mark what is its own."""

from collections.abc import Mapping

from cluster.inventory import Inventory
from cluster.local.credentials import Credentials
from cluster.stack.source import Source

CLUSTER_LABEL = "dask-swarm.cluster"
DIGEST_LABEL = "dask-swarm.digest"


def image_reference(inventory: Inventory, source: Source) -> str:
    """Return the wanted image's reference: the inventory's, or one with its content as the tag."""
    return inventory.image.tagged(source.context)


def secret_names(inventory: Inventory, credentials: Credentials) -> Mapping[str, str]:
    """Name the secrets by kind and content, as far as their content is there."""
    digests = credentials.digests
    return {kind: f"{inventory.name}-{kind}-{digest}" for kind, digest in digests.items()}
