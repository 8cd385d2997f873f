"""The parts that Bokeh's script draws a picture from, written as that script reads them.

Bokeh's Python classes of the same names and properties write the same text. They take half a second
to import and as long to make a page from; what they check of each part, a test asks them.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from gzip import compress
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

_FASTEST = 1
"""A level of compression: others take a hundred times as long where numbers rise evenly."""


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a picture; where it is used several times, it is one and the same.

    Attributes:
        kind: The name of its class in Bokeh.
        properties: Those that are not as usual: text, numbers, parts, arrays, and lists of these.

    """

    kind: str
    properties: dict[str, Any]

    def set(self, **properties: Any) -> None:
        """Give it these `properties`, in place of what they were."""
        self.properties.update(properties)


def part(kind: str, /, **properties: Any) -> Part:
    """Return a new part of a `kind`, a class of Bokeh's, with these `properties`."""
    return Part(kind, properties)


def field(name: str, transform: Part | None = None) -> dict[str, Any]:
    """Return the property that each shape takes from the column `name` of its data.

    A `transform` makes a colour of it, if there is one.
    """
    changed = {} if transform is None else {"transform": transform}
    return {"type": "field", "field": name, **changed}


def value(one: Any) -> dict[str, Any]:
    """Return the property that is `one` for all shapes."""
    return {"type": "value", "value": one}


def mapping(entries: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the property that is a dictionary with these `entries`."""
    return {"type": "map", "entries": [[key, one] for key, one in entries.items()]}


def data(**columns: Any) -> Part:
    """Return data with these `columns`: lists, or arrays of numbers."""
    return part("ColumnDataSource", data=mapping(columns))


def written(root: Part) -> dict[str, Any]:
    """Return the picture `root` as what becomes JSON, its parts numbered from 1."""
    names: dict[Part, str] = {}

    def write(one: Any) -> Any:
        if isinstance(one, Part):
            if one in names:
                return {"id": names[one]}
            names[one] = f"m{len(names) + 1}"
            head = {"type": "object", "name": one.kind, "id": names[one]}
            return {**head, "attributes": write(one.properties)}
        if isinstance(one, np.ndarray):
            return _array(one)
        if isinstance(one, dict):
            return {key: write(inner) for key, inner in one.items()}
        return [write(inner) for inner in one] if isinstance(one, list | tuple) else one

    found: dict[str, Any] = write(root)
    return found


def _array(numbers: Any) -> dict[str, Any]:
    """Return an array as float64: of integers, the script knows no longer ones than 32 bits."""
    packed = compress(numbers.astype("<f8").tobytes(), _FASTEST, mtime=0)
    content = {"type": "bytes", "data": b64encode(packed).decode()}
    shape = list(numbers.shape)
    return {
        "type": "ndarray", "array": content, "shape": shape, "dtype": "float64", "order": "little",
    }  # fmt: skip
