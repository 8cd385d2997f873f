"""How kernels are compiled: once for each state of their source, and kept for later processes."""

from hashlib import sha256
from pathlib import Path

from numba import config, njit


def fingerprint(*marks: str) -> str:
    """Return a fingerprint of this package's source: of the files that contain one of the marks."""
    texts = [file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py"))]
    chosen = (text for text in texts if not marks or any(mark.encode() in text for mark in marks))
    return sha256(b"".join(chosen)).hexdigest()[:12]


if not config.CACHE_DIR:
    # numba asks only whether a kernel's own file has changed, not those of the kernels it calls.
    state = fingerprint("pipeline.kernels", "from numba")
    config.CACHE_DIR = str(Path(__file__).with_name("__pycache__") / state)

kernel = njit(cache=True, nogil=True)
"""Compile a function to machine code that runs beside others; scalars and arrays in and out."""

inlined = njit(cache=True, nogil=True, forceinline=True)
"""The same, but copied into its callers: for what they call for each byte, row or value."""
