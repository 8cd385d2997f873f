"""What the scheduler says: which workers are connected, with how much memory and what versions."""

import asyncio
import logging
import warnings
from collections.abc import Mapping
from typing import Any

from cluster.inventory import Inventory
from cluster.local.credentials import AUTHORITY, CERTIFICATE, CLIENT, KEY
from cluster.stack.facts import DaskFacts, DaskWorker

ANSWER_SECONDS = 10.0
ALL_ANSWERS_SECONDS = 40.0


def ask_scheduler(inventory: Inventory) -> DaskFacts | None:
    """Ask the scheduler with this machine's client certificate; None while it does not answer."""
    # Importing Dask takes a second, which --help and a mistake in the inventory need not wait for
    from distributed.versions import VersionMismatchWarning  # noqa: PLC0415

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            # Dask warns of any difference; the stage `workers` judges the versions
            warnings.simplefilter("ignore", VersionMismatchWarning)
            return asyncio.run(_ask(inventory.scheduler_address, client_security(inventory)))
    except (OSError, TimeoutError):
        return None


def client_security(inventory: Inventory) -> Any:
    """Return Dask's security with which this machine's programs connect as clients."""
    from distributed import Security  # noqa: PLC0415 (as above)

    folder = inventory.state_folder
    return Security(
        require_encryption=True,
        tls_ca_file=str(folder / CERTIFICATE[AUTHORITY]),
        tls_client_cert=str(folder / CERTIFICATE[CLIENT]),
        tls_client_key=str(folder / KEY[CLIENT]),
    )


async def _ask(address: str, security: Any) -> DaskFacts:
    from distributed import Client  # noqa: PLC0415 (as above)
    from distributed.versions import get_versions  # noqa: PLC0415

    client: Any = Client(
        address, security=security, asynchronous=True, timeout=ANSWER_SECONDS, set_as_default=False
    )
    async with asyncio.timeout(ALL_ANSWERS_SECONDS), client:
        workers = (await client.scheduler.identity(n_workers=-1))["workers"]
        versions = await _versions(client)
    return DaskFacts(
        workers=tuple(
            _worker(found, versions.get(address) or {})
            for address, found in sorted(workers.items())
        ),
        client_versions=get_versions()["packages"],
    )


async def _versions(client: Any) -> Mapping[str, Mapping[str, Any]]:
    """Ask all workers for their versions; empty if one of them does not answer in time."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return dict((await client.get_versions())["workers"])
    except TimeoutError:
        return {}


def _worker(found: Mapping[str, Any], versions: Mapping[str, Any]) -> DaskWorker:
    node = found["metrics"].get("node", {})
    return DaskWorker(
        name=str(found["name"]),
        threads=found["nthreads"],
        memory_limit=found["memory_limit"],
        memory=found["metrics"].get("memory", 0),
        versions=versions.get("packages", {}),
        executing=found["metrics"].get("task_counts", {}).get("executing", 0),
        processes=node.get("processes", 1),
        cpus=node.get("cpus"),
        resources=found["resources"],
    )
