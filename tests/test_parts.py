"""The pictures as data: Bokeh's own classes take each of them, and are not needed to write it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from bokeh.core.serialization import Deserializer
from bokeh.models import GlyphRenderer, HoverTool, LayoutDOM, Model

from pipeline.formats.query import Key
from pipeline.report.page.parts import data, field, part, written
from tests.pace import limit
from tests.test_page import html

if TYPE_CHECKING:
    from pathlib import Path

PICTURES = re.compile(r'<script type="application/json">(.*?)</script>', re.DOTALL)
WITHOUT_BOKEH = """
import sys
from pathlib import Path
import pipeline
result = pipeline.describe(Path(sys.argv[1]), column="x", by="station", report=True)
assert "Bokeh.embed" in result.report().html
print(sorted(name for name in sys.modules if name.partition(".")[0] == "bokeh"))
"""


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    """Stations by month, with gaps: every kind of picture is drawn of it."""
    path = tmp_path_factory.mktemp("parts") / "stations.csv"
    rows = (
        f"s{i % 3},20{i % 24 // 12 + 18}-{i % 12 + 1:02}-01,{i * i % 8_990 / 10 if i % 7 else ''}"
        for i in range(9_000)
    )
    path.write_text("\n".join(["station,t,x", *rows, ""]))
    return path


def read_by_bokeh(page: str) -> list[Any]:
    """Return the pictures of a page as Bokeh's Python objects.

    Bokeh refuses parts and values that it does not know, and logs a warning of such a property.
    """
    return [Deserializer().deserialize(json.loads(text)) for text in PICTURES.findall(page)]


def test_bokeh_takes_every_picture(table, client, caplog):
    """Each part is one of Bokeh's, each property one of that part's, of the type that it has."""
    by, times = (Key("station"), Key("t", "month")), {"t": "%Y-%m-%d"}
    pictures = read_by_bokeh(html(table, client, columns=("x",), by=by, times=times))
    assert all(isinstance(picture, LayoutDOM) for picture in pictures)
    assert not [one.message for one in caplog.records if one.name.startswith("bokeh")]
    drawn = [
        {type(shapes.glyph).__name__ for shapes in picture.select({"type": GlyphRenderer})}
        for picture in pictures
    ]
    assert drawn == [
        {"Quad", "Segment", "Text"},
        {"Quad", "Segment", "Text"},
        {"Line", "Scatter"},
        {"Line", "Scatter"},
        {"VAreaStep", "Step", "Quad"},
        {"Quad", "Rect"},
        {"Quad", "Rect"},
        {"HBar"},
    ]


def test_every_column_that_is_drawn_or_told_of_is_there(table, client):
    """In the data of the shapes, as long as all others; so no picture is drawn without a part."""
    for picture in read_by_bokeh(html(table, client, columns=("x",))):
        assert picture.select({"type": GlyphRenderer})
        for shapes in picture.select({"type": GlyphRenderer}):
            columns = shapes.data_source.data
            assert len({len(column) for column in columns.values()}) == 1
            used = shapes.glyph.properties_with_values().values()
            fields = {one.field for one in used if hasattr(one, "field")}
            assert fields
            assert fields <= set(columns)
        for tool in picture.select({"type": HoverTool}):
            told = re.findall(r"@(\w+)", " ".join(text for _, text in tool.tooltips))
            assert told
            assert all(set(told) <= set(shapes.data_source.data) for shapes in tool.renderers)


def test_what_is_used_twice_is_written_once():
    """And numbers come through exactly, NaN and integers among them."""
    source = data(x=np.array([0.1, np.nan, -1e300]), y=np.array([1, 2, 1 << 40]), name=list("abc"))
    shapes = [
        part("GlyphRenderer", data_source=source, glyph=part("Scatter", x=field("x"), y=field("y")))
        for _ in range(2)
    ]
    text = json.dumps(written(part("Plot", renderers=shapes)))
    assert text.count('"ColumnDataSource"') == 1
    found = Deserializer().deserialize(json.loads(text))
    one, other = (shape.data_source for shape in found.renderers)
    assert isinstance(one, Model)
    assert one is other
    np.testing.assert_array_equal(one.data["x"], [0.1, np.nan, -1e300])
    np.testing.assert_array_equal(one.data["y"], [1, 2, 1 << 40])
    assert one.data["name"] == ["a", "b", "c"]


def test_a_report_does_not_wait_for_bokeh(table):
    """Its Python classes take half a second to import; nothing does."""
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_BOKEH, table],
        capture_output=True, text=True, check=False, timeout=limit(),
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "[]"
