"""How a service begins and ends: without more rights, and SIGTERM lets it take its leave."""

import asyncio
import ctypes
import os
import signal
from collections.abc import Coroutine
from contextlib import suppress

PR_SET_NO_NEW_PRIVS = 38  # prctl(2)


def serve(service: Coroutine[None, None, None]) -> None:
    """Run `service` to its end; SIGTERM cancels it wherever it is waiting.

    A first process without a handler of its own ignores SIGTERM, so this one handles it always.
    """
    without_more_rights()
    asyncio.run(_until_terminated(service))


def without_more_rights() -> None:
    """Let no program that this process starts gain rights by itself.

    A stack file cannot ask Docker for that.
    """
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


async def _until_terminated(service: Coroutine[None, None, None]) -> None:
    task = asyncio.ensure_future(service)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with suppress(asyncio.CancelledError):
        await task
