"""Ctrl-C and SIGTERM end a command in one line on stderr, with exit code 130 or 143, within 5 s.

The first signal raises `Interrupted` in the main thread, whose unwinding removes drafts and leaves
the cluster. A thread is told of the signal by the system itself, even while the main thread is in a
compiler or waits for a disk. It ends the process when the unwinding takes too long, when the
exception was swallowed (in a callback from C, for example), and at a second signal.

This module is imported before all others and so imports nothing that takes time.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from contextlib import suppress
from threading import Lock, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from types import FrameType, TracebackType
    from typing import NoReturn

GRACE_SECONDS = 4.0
"""How long the main thread may take to unwind."""

_CLEAN_SECONDS = 10.0
"""How long renames that have begun are waited for, and a disk on which drafts are removed."""

_WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}


class Interrupted(BaseException):
    """The command must end now. It is no Exception and no KeyboardInterrupt, which click catches.

    No code but `end` should stop it.
    """


class _State:
    """What the handler, the thread and the end of the process know of each other."""

    def __init__(self) -> None:
        self.first: signal.Signals | None = None
        self.raised = False
        self.leaving = False
        self.results: dict[Path, int | None] = {}
        self.stderr = self.nowhere = 2  # until `catch` has others
        self.last_word = Lock()


_state = _State()


def catch() -> None:
    """Be ready for signals: the first thing that a command does. Ignored signals stay ignored."""
    _open_standard_streams()
    _state.stderr, _state.nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    Thread(target=_watch, args=(told,), name="interrupts", daemon=True).start()
    sys.excepthook = _uncaught
    for number in _WORDS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _raise_once)


def promise(results: Iterable[Path]) -> None:
    """Remember which files `results` will replace, so that the last line can say if they did."""
    _state.results = {path: _inode(path) for path in results}


def end(command: Callable[[], object]) -> NoReturn:
    """Run `command` and end the process with its exit code, or that of the signal that came.

    The interpreter's own end is left out but for what is registered with `atexit`: in it signals
    are lost or kill, and it searches all memory once more.
    """
    code = 1
    with suppress(Interrupted):
        code = _code(command)
        _state.leaving = True
    _state.leaving = True
    if _state.first:
        _clean([])  # the exception may have come in the middle of a cleaning
    _leave(code)


def _leave(code: int) -> NoReturn:  # pragma: no cover - what measures coverage ends at exit
    """Say the last line after a signal; end the process with its exit code, or else with `code`."""
    atexit._run_exitfuncs()  # noqa: SLF001
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    mine = _state.last_word.acquire(timeout=2 * _CLEAN_SECONDS)
    first = _state.first  # looked at once: what comes after this is too late
    if first and mine:
        _say(first, _sentence())
    os._exit(128 + first if first else code)


def _code(command: Callable[[], object]) -> int:
    try:
        command()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except Exception:  # noqa: BLE001
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """End the process after a signal while modules are imported, before `end` is called."""
    if _state.first:
        end(lambda: None)
    sys.__excepthook__(kind, error, trace)


def _raise_once(number: int, _frame: FrameType | None) -> None:
    """Handle a signal in the main thread."""
    _note(number)
    if not _state.raised and not _state.leaving:
        _state.raised = True
        raise Interrupted


def _note(number: int) -> None:
    """Remember the first signal; what anything says on stderr from now on goes nowhere."""
    if _state.first is None:
        _state.first = signal.Signals(number)
    os.dup2(_state.nowhere, 2)


def _watch(told: int) -> None:
    """Wait for a signal, then for the main thread or a second signal; then end the process."""
    number = signal.Signals(_next_signal(told))
    _note(number)
    late = Thread(target=_next_signal, args=(told,), daemon=True)
    late.start()
    late.join(GRACE_SECONDS)
    if not _state.last_word.acquire(blocking=False):
        return  # the main thread is saying it
    sentences: list[str] = []
    cleaning = Thread(target=_clean, args=(sentences,), daemon=True)
    cleaning.start()
    cleaning.join(_CLEAN_SECONDS)
    unknown = "its disk does not answer; the next run removes its drafts"
    _say(number, sentences[0] if sentences else unknown)
    os._exit(128 + number)


def _next_signal(told: int) -> int:
    """Return the next signal of ours; others come here, too."""
    while True:
        for number in os.read(told, 1):
            if number in _WORDS:
                return number


def _clean(sentences: list[str]) -> None:
    """Remove drafts and tell what became of the results: this may hang with a disk."""
    if atomic := sys.modules.get("pipeline.atomic"):
        atomic.abandon(_CLEAN_SECONDS)
    sentences.append(_sentence())


def _sentence() -> str:
    """Return what became of the results, as the disk knows it."""
    changed = [_inode(path) != before for path, before in _state.results.items()]
    if not any(changed):
        return "no results were written"
    if all(changed):
        return "the results were already written"
    return "only some results were written; the next run puts the old ones back"


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None


def _say(number: signal.Signals, sentence: str) -> None:
    """Print the last line; on a terminal, over what is left of the progress bar."""
    line = f"{_WORDS[number]}: {sentence}\n"
    with suppress(OSError):
        if os.isatty(_state.stderr):
            line = f"\r\x1b[2K\x1b[?25h{line}"
        os.write(_state.stderr, line.encode())


def _open_standard_streams() -> None:
    """Lead those that are closed nowhere: a file that is opened later must not become one."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
