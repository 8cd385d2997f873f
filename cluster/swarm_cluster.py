"""The cluster as an object of Dask's, for programs and notebooks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from distributed import rpc
from distributed.deploy.cluster import Cluster

from cluster import lifecycle
from cluster.doctor.check import Check
from cluster.doctor.diagnose import diagnose
from cluster.errors import ClusterError
from cluster.inventory import read_inventory
from cluster.stack.gather import read_facts
from cluster.stack.scheduler import client_security
from cluster.stack.status import Status, status_of

ANSWER_SECONDS = 30.0


class SwarmCluster(Cluster):
    """The cluster that an inventory describes: connected to, and never ended, by this object.

    `Client(cluster)` connects. Machines are fixed: there is no `adapt`.

    Args:
        inventory: The inventory's file.
        up: Whether the cluster is brought up first; otherwise it must be up.
        tell: Called with each step that is done, as text.

    Raises ClusterError when the inventory is wrong, the cluster cannot be brought up, or the
    scheduler does not answer.

    """

    def __init__(
        self,
        inventory: str | Path = "cluster.toml",
        *,
        up: bool = False,
        tell: Callable[[str], object] = print,
    ) -> None:
        """Connect to the cluster."""
        self.inventory = read_inventory(Path(inventory))
        self._tell = tell
        if up:
            lifecycle.up(self.inventory, lambda step: tell(str(step)))
        self.security = client_security(self.inventory)
        super().__init__(name=self.inventory.name)
        self._loop_runner.start()
        try:
            self.sync(self._start, callback_timeout=ANSWER_SECONDS)
        except (OSError, TimeoutError) as error:
            self.close()
            raise ClusterError(
                f"the scheduler at {self.scheduler_address} does not answer ({error}); bring the "
                "cluster up: SwarmCluster(..., up=True), or python -m cluster up"
            ) from None

    async def _start(self) -> None:
        arguments = self.security.get_connection_args("client")
        self.scheduler_comm = rpc(self.scheduler_address, connection_args=arguments)
        await super()._start()

    @property
    def scheduler_address(self) -> str:
        """Where clients connect."""
        return self.inventory.scheduler_address

    @property
    def dashboard_link(self) -> str:
        """Where a browser looks; `python -m cluster dashboard` tells the login."""
        return f"{self.inventory.dashboard_address}/status"

    def scale(self, n: int) -> None:
        """Let `n` of the inventory's nodes work: labels are put on them, and taken off the others.

        It holds until the next `up`, which makes all of them work. Raises ValueError when the
        inventory has fewer, ClusterError when the swarm cannot be changed.
        """
        lifecycle.scale(self.inventory, n, lambda step: self._tell(str(step)))

    def adapt(self, *_: Any, **__: Any) -> Any:
        """Raise NotImplementedError: the machines are there, whether they work or not."""
        raise NotImplementedError("the machines of a swarm are fixed; see scale")

    def node_status(self) -> Status:
        """Return the state of the cluster node by node; `status` is Dask's, of this object."""
        return status_of(self.inventory, read_facts(self.inventory))

    def doctor(self) -> list[Check]:
        """Return what was looked at that could explain a failure, each with ok or what to do."""
        return diagnose(self.inventory)
