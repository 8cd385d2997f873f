"""Write the command reference from the commands' own help: python -m docs.cli docs/cli.md."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import click

PROGRAMS = {
    "python -m pipeline.run": "pipeline.run",
    "python -m pipeline.convert": "pipeline.convert",
    "python -m pipeline.sample": "pipeline.sample",
    "python -m cluster": "cluster.cli",
}
WIDTH = 88


def reference() -> str:
    """The page: one section for each command and subcommand, holding its ``--help``."""
    sections = [
        section
        for name, module in PROGRAMS.items()
        for section in _sections(importlib.import_module(module).main, name)
    ]
    return "\n".join(["# Commands", "", "Written by `make docs`; do not edit.", "", *sections])


def _sections(
    command: click.Command, name: str, parent: click.Context | None = None
) -> Iterator[str]:
    """One section for ``command``, and one for each of its subcommands."""
    context = click.Context(command, parent, info_name=name, terminal_width=WIDTH)
    yield f"## `{context.command_path}`\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for subname, subcommand in command.commands.items():
            yield from _sections(subcommand, subname, context)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
