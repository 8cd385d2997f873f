"""How kernels are compiled: once for each state of their source, and kept for later processes."""

from pathlib import Path

from numba import config, njit

from pipeline.fingerprint import fingerprint

if not config.CACHE_DIR:
    # numba asks only whether a kernel's own file has changed, not those of the kernels it calls:
    # all of them import this module.
    config.CACHE_DIR = str(Path(__file__).parents[1] / "__pycache__" / fingerprint(__name__))

kernel = njit(cache=True, nogil=True)
"""Compile a function to machine code that runs beside others; scalars and arrays in and out."""

inlined = njit(cache=True, nogil=True, forceinline=True)
"""The same, but copied into its callers: for what they call for each byte, row or value."""
