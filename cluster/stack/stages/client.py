"""The Dask configuration on this machine."""

from dataclasses import dataclass

from cluster.inventory import Inventory
from cluster.local import dask_config
from cluster.plan import HERE, Stage, Step, stage
from cluster.stack.facts import Facts


@dataclass(frozen=True)
class WriteConfiguration:
    """Write Dask's configuration file."""

    text: str

    def apply(self) -> None:
        """Write it."""
        dask_config.write(self.text)


@dataclass(frozen=True)
class RemoveConfiguration:
    """Remove Dask's configuration file."""

    def apply(self) -> None:
        """Remove it."""
        dask_config.remove()


def plan_client(inventory: Inventory, facts: Facts) -> Stage:
    """Let `Client()` on this machine find this cluster."""
    wanted = dask_config.text(inventory)
    if facts.client_configuration == wanted:
        return stage("client", ())
    why = "it says something else" if facts.client_configuration else "there is none"
    what = f"write {dask_config.path()}, so that Client() connects"
    return stage("client", [Step(HERE, what, why, WriteConfiguration(wanted))])
