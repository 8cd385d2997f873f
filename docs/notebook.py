"""Run the worked notebook and keep what it shows: python -m docs.notebook docs/notebook.ipynb.

Tables are kept in the notebook. The pages that it shows in frames are a megabyte each: the site
alone has them, as files beside the page.
"""

import json
import os
import re
import sys
import tempfile
from html import unescape
from pathlib import Path

import nbclient
import nbformat

ROOT = Path(__file__).parents[1]
FRAME = re.compile(r'<iframe srcdoc="(.*?)" style="(.*?)"></iframe>', re.DOTALL)
INSTEAD = (
    "<p><em>Run the cell to see this here; the site of the documentation shows it, too.</em></p>"
)
LIMIT_SECONDS = 300


def execute(path: Path) -> nbformat.NotebookNode:
    """The notebook at `path` with what its cells show, run from top to bottom in an empty folder.

    Raises nbclient.exceptions.CellExecutionError where a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    with tempfile.TemporaryDirectory() as folder:
        nbclient.NotebookClient(
            notebook,
            timeout=LIMIT_SECONDS,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            record_timing=False,
            coalesce_streams=True,
        ).execute()
    return notebook


def kept(notebook: nbformat.NotebookNode) -> str:
    """The text of the notebook's file, with what it shows but for frames."""
    cells = []
    for number, cell in enumerate(notebook.cells):
        lean = {"cell_type": cell.cell_type, "id": f"cell-{number}", "metadata": {}}
        if cell.cell_type == "code":
            lean |= {"execution_count": cell.execution_count}
            lean |= {"outputs": [_lean(output) for output in cell.outputs if not _noise(output)]}
        cells.append(lean | {"source": cell.source.splitlines(keepends=True)})
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def page(notebook: nbformat.NotebookNode, target: Path) -> None:
    """Write it as the page `target` of the site, its frames as files in a folder beside."""
    folder = target.parent / "_frames"
    folder.mkdir(parents=True, exist_ok=True)
    parts = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        parts.append(f"```ipython3\n{cell.source}\n```")
        for output in cell.outputs:
            if _noise(output):
                continue
            html = output.get("data", {}).get("text/html")
            if html is None:
                text = output.get("text") or output["data"]["text/plain"]
                parts.append(f"```text\n{text.rstrip()}\n```")
                continue
            frame = FRAME.search(html)
            if frame:
                name = f"{len(list(folder.iterdir()))}.html"
                (folder / name).write_text(unescape(frame[1]), encoding="utf-8")
                html = f'<iframe src="_frames/{name}" title="Pictures" style="{frame[2]}"></iframe>'
            parts.append("```{raw} html\n" + html + "\n```")
    target.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _noise(output: nbformat.NotebookNode) -> bool:
    """Whether this is what a run says of its progress, which differs from run to run."""
    return output.output_type == "stream" and output.name == "stderr"


def _lean(output: nbformat.NotebookNode) -> dict[str, object]:
    lean: dict[str, object] = json.loads(json.dumps(output))
    data = lean.get("data")
    if isinstance(data, dict) and FRAME.search(data.get("text/html", "")):
        lean["data"] = {"text/html": INSTEAD}
    return lean


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(kept(execute(path)), encoding="utf-8")
