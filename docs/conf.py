"""The documentation as a site, built by Sphinx: see `make docs`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

project = "dask-swarm"
author = "the contributors of dask-swarm"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "index"
language = "en"

html_theme = "furo"
html_title = "dask-swarm"
html_copy_source = False
html_show_sphinx = False


myst_heading_anchors = 4

autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
html_show_search_summary = False  # it would fetch pages, which a folder of files refuses
