"""What the swarm itself keeps of who made a cluster, and who is changing it just now.

Each is a Docker config, which whoever manages the swarm sees; its labels say whose it is. Making
one whose name is taken fails, so that of two who try at once one succeeds.
"""

import getpass
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Literal

from cluster.docker.command import docker, docker_rows
from cluster.errors import ClusterError
from cluster.interrupts import deferred
from cluster.inventory import Inventory
from cluster.local import credentials
from cluster.local.lock import only_one
from cluster.stack.facts import Claim
from cluster.stack.names import CLUSTER_LABEL

Kind = Literal["owner", "change"]
OWNER: Kind = "owner"
CHANGE: Kind = "change"
ANSWER_SECONDS = 30.0
_AUTHORITY, _BY, _AT = "dask-swarm.authority", "dask-swarm.by", "dask-swarm.at"


def claim_name(inventory: Inventory, kind: Kind) -> str:
    """Return the name of the config that holds a claim."""
    return f"{inventory.name}-{kind}"


def read_claims(inventory: Inventory) -> dict[Kind, Claim]:
    """Return who claims a cluster, and a change of it; what nobody claims is not there."""
    kinds = {claim_name(inventory, kind): kind for kind in (OWNER, CHANGE)}
    listing = ("config", "ls", "--filter", f"label={CLUSTER_LABEL}={inventory.name}")
    rows = docker_rows(inventory.manager.endpoint, *listing, seconds=ANSWER_SECONDS)
    return {kinds[row["Name"]]: _claim(str(row["Labels"])) for row in rows if row["Name"] in kinds}


def make_claim(inventory: Inventory, kind: Kind, authority: str) -> None:
    """Make a claim in this user's name; ClusterError if there is one."""
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    labels = {CLUSTER_LABEL: inventory.name, _AUTHORITY: authority, _BY: _me(), _AT: now}
    options = [option for label in labels.items() for option in ("--label", "=".join(label))]
    name = claim_name(inventory, kind)
    # A config must hold something.
    create = ("config", "create", *options, name, "-")
    docker(inventory.manager.endpoint, *create, stdin=f"{_me()}\n", seconds=ANSWER_SECONDS)


def remove_claim(inventory: Inventory, kind: Kind) -> None:
    """Take a claim back."""
    remove = ("config", "rm", claim_name(inventory, kind))
    docker(inventory.manager.endpoint, *remove, seconds=ANSWER_SECONDS)


def stranger(inventory: Inventory, authority: str | None, claim: Claim | None) -> str | None:
    """Say, if `claim` is of another authority than this machine's, whose the cluster is."""
    if claim is None or claim.authority == authority:
        return None
    folder = inventory.state_folder
    ours = "which is another one" if authority else "which holds none"
    return (
        f"{inventory.manager.address}: the cluster {inventory.name} was made by {claim}, with "
        f"another authority than the one in {folder}, {ours}; ask for an invitation "
        "(python -m cluster invite), name a cluster of your own, or, if those keys are lost, run "
        f"there: docker config rm {claim_name(inventory, OWNER)}"
    )


@contextmanager
def alone(inventory: Inventory) -> Iterator[None]:
    """Keep every other command from changing the cluster, here and from other machines.

    Raises ClusterError if another one is at it, or if the cluster is somebody else's. A swarm that
    is not there yet holds no claim; who makes the cluster first then has it.
    """
    with only_one(inventory.state_folder), deferred() as heard:
        with heard():
            claims = _read_ours(inventory)
        # A signal that comes while the claim is made waits, so that it is taken back.
        if taken := claims is not None:
            _take(inventory, claims.get(CHANGE))
        try:
            with heard():
                yield
        finally:
            if taken:
                # The swarm may be gone by now, and the claim with it.
                with suppress(ClusterError):
                    remove_claim(inventory, CHANGE)


def _read_ours(inventory: Inventory) -> dict[Kind, Claim] | None:
    """Return the claims of a cluster that is nobody else's; None if no swarm is there to claim."""
    try:
        claims = read_claims(inventory)
    except ClusterError:  # what is wrong with the manager is told by the plan
        return None
    if refusal := stranger(inventory, _authority(inventory), claims.get(OWNER)):
        raise ClusterError(refusal)
    return claims


def _take(inventory: Inventory, change: Claim | None) -> None:
    """Claim the change, where `change` is the claim that was found."""
    # This machine's own lock is held, so a claim of this machine was left behind.
    if change and change.by == _me():
        remove_claim(inventory, CHANGE)
        change = None
    if change is None:
        try:
            return make_claim(inventory, CHANGE, _authority(inventory) or "")
        except ClusterError:
            change = read_claims(inventory).get(CHANGE)
            if change is None:
                raise
            if change.by == _me():  # Docker made it, and was cut off before it could say so
                return None
    raise ClusterError(
        f"{inventory.manager.address}: {change} began to change the cluster {inventory.name}; wait "
        "until that has ended. If it was cut off, run there: "
        f"docker config rm {claim_name(inventory, CHANGE)}"
    )


def _authority(inventory: Inventory) -> str | None:
    return credentials.inspect(inventory.state_folder).authority


def _claim(labels: str) -> Claim:
    """Return the claim that a config's labels hold, as Docker lists them."""
    found = dict(label.partition("=")[::2] for label in labels.split(","))
    return Claim(*(found.get(key, "unknown") for key in (_AUTHORITY, _BY, _AT)))


def _me() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}"
