"""Times are read as `strptime` reads them, and written as ISO 8601 writes them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.formats.calendar import write_unit
from pipeline.formats.times import NAMED, NO_TIME, compile_layout, read_times
from pipeline.formats.units import UNITS

EPOCH = dt.datetime(1970, 1, 1)
LAYOUTS = (*NAMED, "%Y-%m-%d %H:%M:%S", "%d.%m.%Y, %H:%M", "%Y%m%d", "%d/%m/%y %I%p", "100%% %Y")
TEXTS = ("%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%dT%H", "%m", "%j", "%H", "%u")
MOMENTS = st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59))


def read(text: str, layout: str) -> int | None:
    data = np.frombuffer(text.encode() + b"\0", np.uint8)
    seconds = np.empty(1, np.int64)
    bounds = np.array([0]), np.array([data.size - 1])
    found = read_times(data, *bounds, compile_layout("t", layout), seconds)
    assert found == (seconds[0] != NO_TIME)
    return int(seconds[0]) if found else None


def spell(moment: dt.datetime, layout: str) -> str:
    """`strftime` does not write years before 1000 in four digits everywhere."""
    return moment.strftime(layout.replace("%Y", f"{moment.year:04}"))


@pytest.mark.parametrize("layout", LAYOUTS)
@given(MOMENTS)
@example(dt.datetime(2000, 2, 29, 12))
@example(dt.datetime(1900, 3, 1))
@example(dt.datetime(1, 1, 1))
def test_what_strftime_writes_is_read(layout, moment):
    """To the second, as far as the layout tells."""
    plain = NAMED.get(layout, layout)
    if "%y" in plain:
        moment = moment.replace(year=1969 + moment.year % 100, day=min(moment.day, 28))
    expected = dt.datetime.strptime(spell(moment, plain), plain)
    seconds = (expected - EPOCH) // dt.timedelta(seconds=1)
    assert read(spell(moment, plain), layout) == seconds


@pytest.mark.parametrize(
    ("text", "layout", "expected"),
    [
        ("6/4/2018 9:05:00 am", "ideam-bulk", dt.datetime(2018, 6, 4, 9, 5)),
        ("2018-06-04T09:05:07.5", "ideam-api", dt.datetime(2018, 6, 4, 9, 5, 7)),
        ("2018-06-04T09:05:07.500", "ideam-api", dt.datetime(2018, 6, 4, 9, 5, 7)),
        ("2018-06-04T09:05:07.500000", "ideam-api", dt.datetime(2018, 6, 4, 9, 5, 7)),
        ("2018-06-04T09:05:07.50x", "ideam-api", None),
        ("2018-06-04T09:05:0x.500", "ideam-api", None),
        ("123 4.2018", "%f %m.%Y", dt.datetime(2018, 4, 1)),
        ("12304.2018", "%f%m.%Y", None),
    ],
)
def test_numbers_may_have_fewer_digits(text, layout, expected):
    """A fraction takes as many as there are; what follows it is left without."""
    assert read(text, layout) == (expected and (expected - EPOCH) // dt.timedelta(seconds=1))


@given(MOMENTS)
def test_units_are_iso_8601(moment):
    """Each unit has the text of the standard."""
    seconds = (moment - EPOCH) // dt.timedelta(seconds=1)
    for unit, layout in enumerate(TEXTS):
        text = np.zeros(16, np.uint8)
        end = write_unit(seconds, unit, text, 0)
        assert text[:end].tobytes().decode() == spell(moment, layout), UNITS[unit]


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "2019", "2019-02-29 00:00:00", "2019-13-01 00:00:00", "2019-00-01 00:00:00"),
        *("2019-01-01 24:00:00", "2019-01-01 00:60:00", "2019-01-01 00:00:00 ", "x"),
        *("0000-01-01 00:00:00", "219-01-01 00:00:00", "2019-01-01T00:00:00", "2019--1-01 0:0:0"),
    ],
)
def test_what_is_no_time_is_none(text):
    """A day that is not in the calendar, another layout, text before or behind."""
    assert read(text, "%Y-%m-%d %H:%M:%S") is None


@pytest.mark.parametrize("text", ["01/02/2019 00:30:00 AM", "01/02/2019 13:30:00 PM"])
def test_a_clock_of_twelve_hours_has_no_other(text):
    """Midnight is 12 AM, noon 12 PM."""
    assert read(text, "ideam-bulk") is None


@pytest.mark.parametrize(
    ("layout", "words"), [("%m/%d", "no year"), ("%Y %q", "%q, which is none"), ("%", "%")]
)
def test_a_layout_that_cannot_be_used_is_refused(layout, words):
    """In one sentence that names the column."""
    with pytest.raises(InputError, match=f"column 't' has .*{words}"):
        compile_layout("t", layout)
