"""The NumPy array types that modules hand to each other, shape (n,) unless they say otherwise."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
"""Flags, one for each of something."""

Floats = NDArray[np.float64]
"""Values."""

Integers = NDArray[np.integer[Any]]
"""Counts and positions, of any width."""

Bytes = NDArray[np.uint8]
"""Text as it stands in a file."""

Words = NDArray[np.uint64]
"""Bit masks, 64 bits to a word."""
