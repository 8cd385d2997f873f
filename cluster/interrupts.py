"""Ctrl-C and SIGTERM end a command in one line on stderr, with exit code 130 or 143.

The first signal raises `Interrupted` in the main thread, whose unwinding ends the programs that the
command runs and takes back its claim. A second signal ends the process at once, and so does the
end of the time for unwinding: an exception may be swallowed in a callback from C.

This module is imported before all others, and so imports nothing that takes time.
"""

import atexit
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from threading import Timer, current_thread, main_thread
from types import FrameType
from typing import NoReturn

LIMIT_SECONDS = 60.0
"""How long the unwinding may take: as long as Docker may, to take back a claim."""

_WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}


class Interrupted(KeyboardInterrupt):
    """The command must end now.

    It is what asyncio lets through its callbacks; `end` alone should stop it.
    """


class _State:
    """What the handler and the end of the process know of each other."""

    def __init__(self) -> None:
        self.first: signal.Signals | None = None
        self.raised = False
        self.deferred = False
        self.stderr = self.nowhere = 2  # until `catch` has others


_state = _State()


def catch() -> None:
    """Be ready for signals: the first thing that a command does. Ignored signals stay ignored."""
    _state.stderr, _state.nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    sys.excepthook = _uncaught
    for number in _WORDS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _heed)


def end(command: Callable[[], object]) -> NoReturn:
    """Run `command`, and end the process with its exit code, or with that of the signal that came.

    The interpreter's own end, in which a signal is lost or kills, is left out but for what is
    registered with `atexit`; and so are threads that still wait for an answer.
    """
    code = 1
    with suppress(Interrupted):
        code = _code(command) if not _state.first else code
    _state.deferred = True
    atexit._run_exitfuncs()  # noqa: SLF001
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    _leave(code)


@contextmanager
def deferred() -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Let a signal wait in the block, but for the parts of it in `with` what this yields.

    So that what is begun in the block is undone in it, whenever the signal comes. A block within a
    block that waits waits altogether; threads but the main one are never interrupted.
    """
    if current_thread() is not main_thread():
        yield nullcontext
        return
    before = _state.deferred

    @contextmanager
    def heard() -> Iterator[None]:
        _state.deferred = before
        try:
            _raise_if_due()
            yield
        finally:
            _state.deferred = True

    _state.deferred = True
    try:
        yield heard
    finally:
        _state.deferred = before
    _raise_if_due()


def _code(command: Callable[[], object]) -> int:
    try:
        command()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except Exception:  # noqa: BLE001
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def _uncaught(kind: type[BaseException], error: BaseException, trace: object) -> None:
    """End the process after a signal while modules are imported, before `end` is called."""
    if _state.first:
        _leave(1)
    sys.__excepthook__(kind, error, trace)  # type: ignore[arg-type]


def _heed(number: int, _frame: FrameType | None) -> None:
    """Note the first signal, from which on nobody else says anything; a second one ends it all."""
    if _state.first:
        _leave(1)
    _state.first = signal.Signals(number)
    os.dup2(_state.nowhere, 2)
    late = Timer(LIMIT_SECONDS, _leave, [1])
    late.daemon = True
    late.start()
    _raise_if_due()


def _raise_if_due() -> None:
    if _state.first and not _state.raised and not _state.deferred:
        _state.raised = True
        raise Interrupted


def _leave(code: int) -> NoReturn:
    """End the process: after a signal with one line and its exit code, or else with `code`."""
    if first := _state.first:
        if children := sys.modules.get("cluster.children"):
            children.stop()
        line = f"{_WORDS[first]}: run the same command again to go on\n"
        with suppress(OSError):
            os.write(_state.stderr, line.encode())
        os._exit(128 + first)
    os._exit(code)
