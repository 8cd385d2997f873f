"""Take the pictures of report and dashboard: python -m docs.pictures docs/pictures.

They are what a real browser shows of the data of `make demo`. Needs Chromium.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

from pipeline import describe
from pipeline.engine.connect import connect
from tests import gate
from tests.pace import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

ROWS = 1_000_000
REPORTS = {
    "one": ("--where", "CodigoSensor=0068"),
    "groups": (
        *("--by", "CodigoEstacion,FechaObservacion:month", "--lang", "es"),
        *("--time", "FechaObservacion=ideam-bulk", "--where", "FechaObservacion>=2018"),
        *("--where", "CodigoSensor=0068", "--where", "Departamento=META"),
    ),
    "several": ("--column", "ValorObservado", "--column", "Latitud"),
}
"""What the command of each report has beside its file."""

SCREENS = {"desktop": (1280, 900), "phone": (390, 844)}
THEMES = ("light", "dark")
FIRST = (1280, 1180)
"""What the picture of the README shows of a report: its beginning."""

DASHBOARD = (1280, 640)
COLOURS = (128, 64, 48, 32)
MOST_BYTES = 300_000
DRAWN = """() => [...document.querySelectorAll('.plot:not([hidden])')]
    .every((plot) => plot.firstElementChild && plot.firstElementChild.shadowRoot
        && plot.firstElementChild.shadowRoot.childElementCount)"""
SETTLED_MS = 1500  # what is drawn is drawn again when fonts and sizes are known


def main(folder: Path) -> None:
    """Write all pictures into a `folder`."""
    folder.mkdir(exist_ok=True)
    with TemporaryDirectory() as name, browser() as chromium:
        data = Path(name, "sample.csv")
        command("pipeline.sample", data, "--rows", str(ROWS))
        for report, options in REPORTS.items():
            command("pipeline.run", data, *options, "--report", "r.html", "--output", f"{name}/out")
            take(chromium, Path(name, "out", "r.html"), folder, report)
        watch(chromium, data, folder)


def command(module: str, *arguments: str | Path) -> None:
    """Run a module of this project as a command."""
    subprocess.run(  # noqa: S603
        [sys.executable, "-m", module, *arguments], check=True, stdout=subprocess.DEVNULL
    )


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium without a window."""
    with sync_playwright() as tools:
        chromium = tools.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield chromium
        chromium.close()


def take(chromium: Browser, page: Path, folder: Path, report: str) -> None:
    """Take a `report` at each size and in each theme; of the first one its beginning, too."""
    for screen, (width, height) in SCREENS.items():
        for theme in THEMES:
            context = chromium.new_context(
                viewport={"width": width, "height": height},
                color_scheme=theme,
                is_mobile=screen == "phone",
                has_touch=screen == "phone",
            )
            view = context.new_page()
            view.goto(page.as_uri())
            view.wait_for_function(DRAWN)
            # A screen as high as the page: Chromium puts a larger picture together from parts.
            whole = view.evaluate("document.documentElement.scrollHeight")
            view.set_viewport_size({"width": width, "height": whole})
            save(view, folder / f"{report}-{screen}-{theme}.png")
            if (report, screen, theme) == (next(iter(REPORTS)), "desktop", "light"):
                view.set_viewport_size({"width": FIRST[0], "height": FIRST[1]})
                save(view, folder / "report.png")
            context.close()


def watch(chromium: Browser, data: Path, folder: Path) -> None:
    """Take the dashboard's page of the partitions half-way through a run."""
    columns = ["ValorObservado", "Latitud", "Longitud"]
    with connect(workers=2) as client, ThreadPoolExecutor() as pool:
        gate.close(client, gate.PARTITIONS // 2)
        run = pool.submit(describe, data, column=columns, partitions=gate.PARTITIONS, client=client)
        gate.wait(client)
        view = chromium.new_page(viewport={"width": DASHBOARD[0], "height": DASHBOARD[1]})
        view.goto(client.dashboard_link.replace("status", "partitions"))
        view.get_by_text(f"of {gate.PARTITIONS} partitions").wait_for()
        save(view, folder / "dashboard.png")
        gate.open_(client)
        run.result(limit())


def save(view: Page, path: Path) -> None:
    """Write what a page shows, in as many colours as fit into `MOST_BYTES`."""
    view.wait_for_timeout(SETTLED_MS)
    picture = Image.open(io.BytesIO(view.screenshot())).convert("RGB")
    for colours in COLOURS:
        few = picture.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(path, optimize=True)
        if path.stat().st_size < MOST_BYTES:
            return
    raise SystemExit(f"{path} has more than {MOST_BYTES} bytes: show less of the page")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
