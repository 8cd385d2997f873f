"""Runs the probe in containers of the image: on a node's own network, or inside the stack's."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cluster.docker.command import docker
from cluster.errors import ClusterError
from cluster.inventory import SENTINEL, Inventory
from cluster.stack.facts import Container

PROBE = Path(__file__).with_name("probe.py")
LOOK_SECONDS = 90.0
TALK_SECONDS = 30.0  # longer than a worker takes to its first health check
START_SECONDS = 40.0


def look(
    inventory: Inventory,
    endpoint: str,
    image: str,
    *,
    ports: Iterable[tuple[str, int]] = (),
    files: bool = False,
) -> dict[str, Any]:
    """Look at a node from a container on its own network, with the share mounted read-only.

    Raises ClusterError if the container cannot run, as when the share's folder does not exist.
    """
    request = {
        "folders": list(inventory.share.folders),
        "sentinel": SENTINEL,
        "ports": list(ports),
        "files": files,
    }
    mounts = [option for mount in _share_mounts(inventory) for option in ("--mount", mount)]
    answer = docker(
        endpoint,
        *("run", "--rm", "--network", "host", "--read-only", "--cap-drop", "ALL"),
        *("--tmpfs", "/tmp", *mounts),  # noqa: S108 (the container's own)
        *(image, "python", "-c", PROBE.read_text(encoding="utf-8"), "look", json.dumps(request)),
        seconds=LOOK_SECONDS,
    )
    return _answer(endpoint, answer)


def _share_mounts(inventory: Inventory) -> list[str]:
    """Return Docker's `--mount` options that show the share to a container, read-only.

    A volume that Docker mounts has no name here, and so goes with the container.
    """
    share = inventory.share
    if share.provide != "volume":
        return [f"type=bind,src={folder},dst={folder},readonly" for folder in share.folders]
    kind = "volume-driver=local,volume-opt=type=nfs"
    options = f'"volume-opt=o=addr={inventory.share_server},{share.options},ro"'
    return [
        f"type=volume,dst={folder},{kind},volume-opt=device=:{export},{options}"
        for folder, export in share.folders.items()
    ]


def talk(
    endpoint: str, container: Container, peers: Iterable[str], names: Iterable[str]
) -> dict[str, Any]:
    """Talk from inside one of the stack's containers to its peers, by their overlay addresses.

    The peers answer only while they talk themselves, so all must be asked at the same time.
    """
    request = {"names": list(names), "peers": list(peers), "seconds": TALK_SECONDS}
    program = PROBE.read_text(encoding="utf-8")
    answer = docker(
        endpoint,
        *("exec", container.id, "python", "-c", program, "talk", json.dumps(request)),
        seconds=TALK_SECONDS + START_SECONDS,
    )
    return _answer(endpoint, answer)


def _answer(endpoint: str, text: str) -> dict[str, Any]:
    try:
        answer = json.loads(text)
    except json.JSONDecodeError:
        raise ClusterError(f"{endpoint}: the probe answered {text[:200]!r}, not JSON") from None
    return dict(answer)
