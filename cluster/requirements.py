"""What a machine must have, and the ports that its neighbours must reach."""

from cluster.sizes import MEBIBYTE

OLDEST_DOCKER = (20, 10)
OLDEST_PYTHON = "3.11"
FREE_DISK_BYTES = 2048 * MEBIBYTE
SWARM_PORT = 2377  # TCP, on the manager
GOSSIP_PORT = 7946  # TCP and UDP, between all nodes
OVERLAY_PORT = 4789  # UDP, between all nodes
NFS_PORT = 2049  # TCP, on the server of the share


def leading_numbers(version: str) -> tuple[int, ...]:
    """Return the first two numbers of a version, such as (20, 10) of 20.10.24+dfsg1."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
