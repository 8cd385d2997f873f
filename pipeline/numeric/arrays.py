"""The array types that the layers hand to each other."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]
Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
