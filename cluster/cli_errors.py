"""What a user sees of a command that fails or is interrupted: one sentence, and an exit code."""

import logging
import sys
import warnings
from typing import Any

import click

from cluster.docker.command import redacted
from cluster.errors import ClusterError

FAILED, INTERRUPTED = 1, 130


class Commands(click.Group):
    """A group of commands whose errors are one sentence, unless --verbose asks for more."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command; turn its errors into exit codes."""
        try:
            return super().invoke(context)
        except (ClusterError, OSError) as error:
            if context.params.get("verbose"):
                raise
            for line in redacted(str(error)).splitlines():
                click.echo(f"error: {line}", err=True)
            context.exit(FAILED)
        except KeyboardInterrupt:
            _hush()
            click.echo("interrupted: run the same command again to go on", err=True)
            context.exit(INTERRUPTED)


def _hush() -> None:
    """Let nothing more be said of what an interrupt cut off."""
    logging.disable()
    warnings.simplefilter("ignore")
    sys.unraisablehook = lambda _: None
