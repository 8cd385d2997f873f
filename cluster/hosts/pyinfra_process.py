"""The process that talks to one host: a JSON request on stdin, a JSON answer on stdout.

The only module that imports pyinfra. A failure is one line on stderr and exit code 1.
`remote` starts it as `python -m cluster.hosts.pyinfra_process`.
"""

import importlib
import json
import os
import shlex
import sys
from collections.abc import Iterator
from io import StringIO
from typing import Any, ClassVar

from pyinfra.api.config import Config
from pyinfra.api.connect import connect_all, disconnect_all
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.facts import FactBase
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.api.operation import add_op
from pyinfra.api.operations import run_ops
from pyinfra.api.state import BaseStateCallback, State
from pyinfra.context import ctx_host, ctx_state
from pyinfra.facts.server import User

CONNECT_SECONDS = 20
# A host that installs packages may not answer for a while; one that is only asked may be off.
CONNECT_TRIES = {"facts": 3, "operations": 9}

Calls = list[tuple[str, dict[str, Any]]]


class Privilege(FactBase[str]):
    """How the account acts as root: it is `root`, it has `sudo` without a password, or `none`."""

    def command(self) -> str:
        """Return the command that finds out."""
        return (
            'if [ "$(id -u)" = 0 ]; then echo root; '
            "elif sudo -n true 2>/dev/null; then echo sudo; else echo none; fi"
        )

    def process(self, output: list[str]) -> str:
        """Read its output."""
        return output[-1]


class FreeSpace(FactBase[int]):
    """The free bytes of the file system that holds `path`."""

    def command(self, path: str) -> str:
        """Return the command that finds out."""
        return f"df --output=avail --block-size=1 {path} | tail -n 1"

    def process(self, output: list[str]) -> int:
        """Read its output."""
        return int(output[-1])


class Account(FactBase[list[str]]):
    """The account's name, then the groups it is in."""

    def command(self) -> str:
        """Return the command that finds out."""
        return 'account="${SUDO_USER:-$(id -un)}"; echo "$account" $(id -nG "$account")'

    def process(self, output: list[str]) -> list[str]:
        """Read its output."""
        return output[-1].split()


class Texts(FactBase[dict[str, str]]):
    """The text of each of some files; those that are absent, empty or not readable are left out.

    A read from a share whose server is gone is given up after ten seconds.
    """

    default = dict

    def command(self, paths: list[str]) -> str:
        """Return the command that finds out; only SIGKILL ends a read from a dead server."""
        command = ("timeout", "--signal=KILL", "10", "grep", "--with-filename", "", "--")
        each = (f"{shlex.join((*command, path))} 2>/dev/null" for path in paths)
        return f"{'; '.join(each)}; true"

    def process(self, output: list[str]) -> dict[str, str]:
        """Read its output: lines of `path:text`."""
        texts: dict[str, str] = {}
        for line in output:
            path, _, text = line.partition(":")
            texts[path] = f"{texts.get(path, '')}{text}\n"
        return texts


class SwarmMembers(FactBase[list[dict[str, Any]]]):
    """The swarm's nodes as its manager describes them; empty on any other host."""

    default = list

    def command(self) -> str:
        """Return the command that finds out."""
        return "docker node inspect $(docker node ls --quiet) 2>/dev/null || true"

    def requires_command(self) -> str:
        """Return the command without which there is no swarm."""
        return "docker"

    def process(self, output: list[str]) -> list[dict[str, Any]]:
        """Read its output."""
        members: list[dict[str, Any]] = json.loads("".join(output) or "[]")
        return members


class Firewall(FactBase[list[str]]):
    """The rules that were added to ufw, after a line that says it is active."""

    default = list

    def command(self) -> str:
        """Return the command that finds out."""
        return "if ufw status | grep -q '^Status: active'; then echo active; ufw show added; fi"

    def requires_command(self) -> str:
        """Return the command without which there are no rules."""
        return "ufw"

    def process(self, output: list[str]) -> list[str]:
        """Read its output."""
        return [line.strip() for line in output if line.startswith(("active", "ufw "))]


class ConnectionErrors(BaseStateCallback):
    """Remembers why a connection failed; pyinfra itself only logs it."""

    reasons: ClassVar[list[str]] = []

    @classmethod
    def host_connect_error(cls, state: State, host: Host, error: Any) -> None:  # noqa: ARG003 (pyinfra names them)
        """Keep the reason."""
        cls.reasons.append(str(error))


OWN_FACTS = {
    "Account": Account,
    "Firewall": Firewall,
    "FreeSpace": FreeSpace,
    "SwarmMembers": SwarmMembers,
    "Texts": Texts,
}


def connect(address: str, user: str | None, tries: int) -> State:
    """Connect to a host as a user; raise PyinfraError when that fails."""
    data: dict[str, Any] = {
        "ssh_connect_retries": tries - 1,
        "ssh_connect_retry_min_delay": 1.0,
        "ssh_connect_retry_max_delay": 2.0,
    }
    if user:
        data["ssh_user"] = user
    inventory, config = Inventory(([(address, data)], {})), Config(CONNECT_TIMEOUT=CONNECT_SECONDS)
    # The plan says what changes; asking again before each operation would double its time.
    state = State(inventory, config, check_for_changes=False)
    state.add_callback_handler(ConnectionErrors())
    try:
        connect_all(state)
    except PyinfraError:
        login = f"{user}@{address}" if user else address
        raise PyinfraError(
            f"cannot be reached over SSH: {'; '.join(ConnectionErrors.reasons)}; "
            f"check that `ssh {login}` works without a password"
        ) from None
    return state


def main() -> None:
    """Answer the one request on stdin."""
    request = json.load(sys.stdin)
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    # pyinfra prints to stdout too, which is for the answer alone.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        tries = CONNECT_TRIES[request["what"]]
        state = connect(request["address"], request["user"], tries)
        work = facts if request["what"] == "facts" else operations
        with ctx_state.use(state), ctx_host.use(the_host(state)):
            result = work(state, request["calls"], sudo=needs_sudo(state))
        disconnect_all(state)
    except PyinfraError as error:
        sys.exit(str(error))
    json.dump(result, answer, default=str)
    answer.close()


def needs_sudo(state: State) -> bool:
    """Whether commands need sudo; raise PyinfraError when they would and there is none."""
    match the_host(state).get_fact(Privilege):
        case "root":
            return False
        case "sudo":
            return True
    user = the_host(state).get_fact(User)
    raise PyinfraError(
        f"{user} has no sudo without a password; on the host, as root: "
        f"echo '{user} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/dask-swarm"
    )


def facts(state: State, calls: Calls, *, sudo: bool) -> list[Any]:
    """Read facts, in order."""
    host = the_host(state)
    return [
        host.get_fact(find_member("facts", name), _sudo=sudo, **arguments)
        for name, arguments in calls
    ]


def operations(state: State, calls: Calls, *, sudo: bool) -> None:
    """Do operations, in order; each sees what those before it changed."""
    for name, arguments in calls:
        if text := arguments.pop("text", None):
            arguments["src"] = StringIO(text)
        add_op(state, find_member("operations", name), _sudo=sudo, **arguments)
    try:
        run_ops(state)
    except PyinfraError:
        raise PyinfraError("; ".join(failures(state))) from None


def failures(state: State) -> Iterator[str]:
    """Yield the names of the operations that failed, each with its last lines of output."""
    for key, done in state.ops[the_host(state)].items():
        meta = done.operation_meta
        if meta.is_complete() and meta.did_error():
            lines = meta.stderr_lines or meta.stdout_lines or ["no reason given"]
            yield f"{', '.join(state.get_op_meta(key).names)}: {' '.join(lines[-3:])}"


def the_host(state: State) -> Host:
    """Return the one host of a state."""
    return next(iter(state.inventory))


def find_member(kind: str, name: str) -> Any:
    """Look up a name such as `files.put` in pyinfra's `operations`, or a fact in its `facts`."""
    if name in OWN_FACTS:
        return OWN_FACTS[name]
    module, _, member = name.rpartition(".")
    return getattr(importlib.import_module(f"pyinfra.{kind}.{module}"), member)


if __name__ == "__main__":
    main()
