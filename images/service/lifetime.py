"""How a service ends: SIGTERM cancels it, and it then takes its leave."""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress


def serve(service: Coroutine[None, None, None]) -> None:
    """Run `service` to its end; SIGTERM cancels it wherever it is waiting.

    A first process without a handler of its own ignores SIGTERM, so this one handles it always.
    """
    asyncio.run(_until_terminated(service))


async def _until_terminated(service: Coroutine[None, None, None]) -> None:
    task = asyncio.ensure_future(service)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with suppress(asyncio.CancelledError):
        await task
