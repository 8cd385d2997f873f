"""How kernels are compiled: once for each state of their source, and kept for later processes."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

from numba import config, njit

from pipeline.fingerprint import fingerprint

_CACHE = str(Path(__file__).parents[1] / "__pycache__" / fingerprint(__name__))
"""Where kernels are kept, unless NUMBA_CACHE_DIR names another folder.

numba asks only whether a kernel's own file has changed, not those of the kernels it calls. All of
them import this module, and the folder's name stands for the source of all.
"""

_alone = Lock()
"""Modules with kernels are imported beside each other, and the folder is set for all threads."""


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function to machine code that runs beside others; scalars and arrays in and out."""
    return _compiled(function)


def inlined(function: Callable[..., Any]) -> Any:
    """Compile it to be copied into its callers: for what they call for each byte, row or value."""
    return _compiled(function, forceinline=True)


def _compiled(function: Callable[..., Any], **options: bool) -> Any:
    """Return a dispatcher that keeps its machine code in `_CACHE`.

    numba looks up the folder when it makes a dispatcher. It is changed for that moment only, so
    that functions of other packages are kept where they would be without this one.
    """
    with _alone:
        before = config.CACHE_DIR
        config.CACHE_DIR = before or _CACHE
        try:
            return njit(cache=True, nogil=True, **options)(function)
        finally:
            config.CACHE_DIR = before
