"""Whether two programs gave the same answer."""

import math
from collections.abc import Mapping
from typing import Any

EXACT = ("count", "missing", "max", "min", "mode")
TOLERANCE = 1e-9  # of the value, or of 1: a skewness near 0 has no digits to lose


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """The statistics that *theirs* has and that differ."""
    return [name for name in ours.keys() & theirs.keys() if not _same(name, ours, theirs)]


def _same(name: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    left, right = ours[name], theirs[name]
    if name in EXACT:
        return bool(left == right)
    if isinstance(left, Mapping):
        return left.keys() == right.keys() and all(_close(left[key], right[key]) for key in left)
    return _close(left, right)


def _close(left: float, right: float) -> bool:
    return math.isclose(left, right, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
