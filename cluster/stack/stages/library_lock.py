"""The lock of the inventory's libraries."""

from dataclasses import dataclass
from pathlib import Path

from cluster.atomic import write_atomically
from cluster.inventory import Inventory
from cluster.plan import HERE, Stage, Step
from cluster.stack.facts import Facts
from cluster.stack.libraries import Libraries

MODE = 0o644


@dataclass(frozen=True)
class WriteLock:
    """Write the lock's file, or remove it if `text` is empty."""

    path: Path
    text: str

    def apply(self) -> None:
        """Write or remove it."""
        if self.text:
            write_atomically(self.path, self.text.encode(), MODE)
        else:
            self.path.unlink(missing_ok=True)


def plan_libraries(inventory: Inventory, facts: Facts) -> Stage:
    """Keep what the inventory's libraries are locked to."""
    del inventory  # what it asks for is in the facts
    return lock_stage(facts.source.libraries)


def lock_stage(libraries: Libraries) -> Stage:
    """Let the lock's file hold what it is to hold."""
    path, text, found = libraries.path, libraries.text, libraries.found
    steps = []
    if text and text != found:
        what = f"write {path}, which adds {', '.join(libraries.names) or 'nothing'}"
        why = "it was made from something else" if found else "there is none"
        steps = [Step(HERE, what, why, WriteLock(path, text))]
    elif found and not text:
        steps = [Step(HERE, f"remove {path}", "no library is asked for", WriteLock(path, text))]
    return Stage.of("libraries", steps)
