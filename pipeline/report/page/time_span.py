"""From when to when a table's rows are, where its groups tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.numeric.key_parts import split_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.statistics.group_table import GroupTable

_IN_ORDER = (":year", ":month", ":day", ":hour")
"""Units whose texts are in the order of time; a month of any year is not."""


def time_span(table: GroupTable | None, keys: Sequence[str], names: Mapping[str, str]) -> str:
    """Return from when to when, in words; nothing where no key is a time.

    Args:
        table: The groups; None where there are none.
        keys: The names of the keys.
        names: The words of the page.

    """
    timed = [place for place, name in enumerate(keys) if name.endswith(_IN_ORDER)]
    if table is None or not timed:
        return ""
    times = {split_key(key)[timed[0]] for key in table.keys.to_list()}
    if not times:
        return ""
    low, high = min(times).decode(), max(times).decode()
    return names["from_to"].format(low=low, high=high) if low != high else low
