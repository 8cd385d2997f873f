"""What the containers of a service have written, line by line."""

import subprocess
from collections.abc import Generator
from contextlib import suppress

from cluster.children import child
from cluster.docker.command import command_line, redacted, run_docker
from cluster.errors import ClusterError
from cluster.inventory import Inventory
from cluster.stack.facts import Task

LAST_WORDS_SECONDS = 15.0


def read_logs(inventory: Inventory, service: str, *, follow: bool, tail: int) -> Generator[str]:
    """Yield the last `tail` lines of a service's containers; with `follow`, go on with new ones.

    `service` is one of SERVICES. Raises ClusterError when there are no logs. The docker command
    that reads them ends when the iterator is closed.
    """
    options = ["--follow"] if follow else []
    name = f"{inventory.name}_{service}"
    command = ("service", "logs", "--tail", str(tail), *options, name)
    with child(
        command_line(inventory.manager.endpoint, *command),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        yield from map(redacted, process.stdout or ())
    if process.returncode:
        raise ClusterError(
            f"{inventory.manager.address}: no logs of {name}; "
            "is the stack deployed? See `python -m cluster status`"
        )


def last_words(inventory: Inventory, task: Task) -> str:
    """Return the last line that a task's container has written; nothing if none can be had."""
    logs = ("service", "logs", "--raw", "--tail", "1", task.id)
    with suppress(ClusterError):  # its node does not answer
        said = run_docker(inventory.manager.endpoint, *logs, seconds=LAST_WORDS_SECONDS)
        if said.returncode == 0:
            return redacted(said.stdout + said.stderr).strip()
    return ""
