"""Docker's own command line, towards one endpoint (`ssh://user@host` or `unix:///path`)."""

import itertools
import json
import os
import re
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from cluster import children
from cluster.errors import ClusterError

COMMAND_SECONDS = 120.0
INSPECT_ATTEMPTS = 3
MOST_ATTEMPTS = 10
MOST_WORDS = 12
_OUT_OF_SEQUENCE = "update out of sequence"
_TOKEN = re.compile(r"SWMTKN-[\w-]+")


def redacted(text: str) -> str:
    """Return `text` with Swarm's join tokens replaced."""
    return _TOKEN.sub("[REDACTED]", text)


def docker(
    endpoint: str,
    *arguments: str,
    stdin: str | None = None,
    variables: Mapping[str, str] | None = None,
    seconds: float = COMMAND_SECONDS,
) -> str:
    """Run `docker --host ENDPOINT ARGUMENTS` and return what it prints.

    `stdin` is fed to it, `variables` are added to its environment. It is run again when the swarm
    has changed meanwhile what it updates. Raises ClusterError with the command and Docker's reason
    if it fails or takes longer than `seconds`.
    """
    for _ in range(MOST_ATTEMPTS):
        done = run_docker(endpoint, *arguments, stdin=stdin, variables=variables, seconds=seconds)
        if _OUT_OF_SEQUENCE not in done.stderr:
            break
    if done.returncode:
        raise failure(endpoint, arguments, done.stderr or done.stdout)
    return done.stdout


def run_docker(
    endpoint: str,
    *arguments: str,
    stdin: str | None = None,
    variables: Mapping[str, str] | None = None,
    seconds: float = COMMAND_SECONDS,
) -> subprocess.CompletedProcess[str]:
    """Run a Docker command once; return its exit code and what it wrote to either stream.

    The arguments are those of `docker`. Raises ClusterError if it takes longer than `seconds`, or
    there is no docker command here.
    """
    try:
        return children.run(
            command_line(endpoint, *arguments),
            seconds=seconds,
            text=stdin,
            env={**os.environ, **(variables or {})},
        )
    except FileNotFoundError:
        raise ClusterError(
            "the docker command is not installed here; install Docker's command line (docker.io)"
        ) from None
    except subprocess.TimeoutExpired:
        raise ClusterError(
            f"{endpoint}: `{_shown(arguments)}` did not end within {seconds:.0f} s; "
            "check that the machine and its Docker daemon answer"
        ) from None


def docker_json(endpoint: str, *arguments: str) -> Any:
    """Run a Docker command whose output is one JSON document."""
    return json.loads(docker(endpoint, *arguments))


def docker_rows(
    endpoint: str, *arguments: str, seconds: float = COMMAND_SECONDS
) -> list[dict[str, Any]]:
    """Run a Docker listing with `--format {{json .}}`: one JSON document a line.

    Raises ClusterError if it fails or takes longer than `seconds`.
    """
    text = docker(endpoint, *arguments, "--format", "{{json .}}", seconds=seconds)
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def docker_inspect(endpoint: str, kind: str, *listing: str) -> list[dict[str, Any]]:
    """Inspect all objects of a kind whose ids a Docker listing names.

    An object that disappears between the two commands fails the second; then both run again.
    """
    for _ in range(INSPECT_ATTEMPTS - 1):
        with suppress(ClusterError):
            return _inspect(endpoint, kind, listing)
    return _inspect(endpoint, kind, listing)


def _inspect(endpoint: str, kind: str, listing: tuple[str, ...]) -> list[dict[str, Any]]:
    ids = docker(endpoint, *listing).split()
    return list(docker_json(endpoint, "inspect", "--type", kind, *ids)) if ids else []


def command_line(endpoint: str, *arguments: str) -> list[str]:
    """Return the argument list of a Docker command towards an endpoint."""
    return ["docker", "--host", endpoint, *arguments]


def failure(endpoint: str, arguments: tuple[str, ...], reason: str) -> ClusterError:
    """Return the error of a Docker command that failed, in one sentence."""
    lines = [line.strip() for line in redacted(reason).splitlines() if line.strip()]
    why = "; ".join(lines[-3:]) or "no reason given"
    return ClusterError(f"{endpoint}: `{_shown(arguments)}` failed: {why}")


def _shown(arguments: tuple[str, ...]) -> str:
    """Return a command as a person would read it: without join tokens, programs and long lists."""
    words = ["..." if "\n" in argument else argument for argument in arguments]
    if len(words) > MOST_WORDS:
        verb = itertools.takewhile(lambda word: not word.startswith("-"), words)
        words = [*verb, "..."]
    return redacted(" ".join(("docker", *words)))
