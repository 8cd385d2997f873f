"""The Dask configuration on this machine."""

from dataclasses import dataclass
from pathlib import Path

from cluster.inventory import Inventory
from cluster.local import dask_config
from cluster.plan import HERE, Stage, Step
from cluster.stack.facts import Facts


@dataclass(frozen=True)
class WriteConfiguration:
    """Write Dask's configuration file."""

    path: Path
    text: str

    def apply(self) -> None:
        """Write it."""
        dask_config.write(self.path, self.text)


@dataclass(frozen=True)
class RemoveConfiguration:
    """Remove Dask's configuration file."""

    path: Path

    def apply(self) -> None:
        """Remove it."""
        dask_config.remove(self.path)


def plan_client(inventory: Inventory, facts: Facts) -> Stage:
    """Let `Client()` on this machine find this cluster."""
    wanted = dask_config.text(inventory)
    if facts.client_configuration == wanted:
        return Stage.of("client", ())
    why = "it holds something else" if facts.client_configuration else "there is none"
    path = dask_config.default_path()
    what = f"write {path}, so that Client() connects"
    return Stage.of("client", [Step(HERE, what, why, WriteConfiguration(path, wanted))])
