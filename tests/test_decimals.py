"""Numbers of many digits are rounded once, as Python does it."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.formats.csv.decimals import nearest
from pipeline.formats.csv.dialect import Dialect
from pipeline.formats.csv.grammar import ByteDialect
from pipeline.formats.csv.index import PADDING, Index
from pipeline.formats.csv.scan import STOP_CAREFUL, scan

PLACES = st.integers(0, 18)


def python(mantissa: int, places: int) -> float:
    return float(f"{mantissa}e-{places}")


@settings(max_examples=5000)
@given(st.integers(1, 10**18 - 1), PLACES)
@example(2**53 + 1, 0)
@example(2**54 + 2, 0)
@example(10**18 - 1, 18)
@example(10**18 - 1, 0)
@example(1, 18)
def test_any_decimal_is_rounded_once(mantissa, places):
    """The float64 is the one that Python finds."""
    assert nearest(mantissa, places) == python(mantissa, places)


@settings(max_examples=2000)
@given(st.integers(2**52, 2**53 - 1), st.integers(0, 5), st.integers(-1, 1))
def test_decimals_at_and_beside_a_tie_are_rounded_right(root, halvings, beside):
    """Half-way between two float64, and one unit of the last decimal below and above."""
    tie = (2 * root + 1) * 5 ** (halvings + 1)
    for places in (halvings, halvings + 1):
        mantissa = tie + beside
        if mantissa < 10**18:
            assert nearest(mantissa, places) == python(mantissa, places)


def test_a_million_numbers_are_read_as_python_reads_them():
    """Digits of all lengths, the shortest text of random float64 among them."""
    random = np.random.default_rng(1)
    values = random.random(200_000) * 10.0 ** random.integers(-1, 9, 200_000)
    texts = [repr(value) for value in values.tolist()]
    texts += [f"{value:.{n}f}" for n in range(7, 17) for value in values[:10_000].tolist()]
    data = ("\n".join(texts) + "\n").encode()
    block = np.frombuffer(data + bytes(PADDING), np.uint8).copy()
    dialect = ByteDialect.of(Dialect(quote=None), column=0, fields=1)
    no_tokens, no_values = np.empty(0, np.uint8), np.empty(0)
    found = np.empty(len(texts))
    index = Index.empty()
    row = used = careful = 0
    while row < len(data):
        halt = scan(
            block,
            row,
            len(data),
            dialect,
            no_tokens,
            no_values,
            found,
            used,
            index=index,
        )
        row, used = halt.row, halt.values
        if halt.reason == STOP_CAREFUL:
            careful += 1
            found[used] = float(data[halt.cell_start : halt.cell_end])
            used += 1
    assert used == len(texts)
    assert found.tolist() == [float(text) for text in texts]
    assert careful < len(texts) / 10
