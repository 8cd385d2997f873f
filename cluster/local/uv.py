"""uv, which resolves, locks and installs packages; it comes with the extra `hosts`."""

import os
import subprocess

from cluster import children
from cluster.errors import ClusterError

SECONDS = 1800.0
_CAUSE = "cause: "


class UvError(ClusterError):
    """What uv says of a command that failed: one cause a line."""


def uv(*arguments: str, stdin: str = "") -> str:
    """Run `uv ARGUMENTS`, with the text `stdin` as its input; return what it says of its work.

    Raises UvError with its own words if it fails, ClusterError if it is not installed here or does
    not end.
    """
    try:
        from uv import find_uv_bin  # noqa: PLC0415 (what adds no package needs none of it)

        command = [find_uv_bin(), *arguments]
        variables = {**os.environ, "NO_COLOR": "1", "UV_NO_PROGRESS": "1"}
        done = children.run(command, seconds=SECONDS, text=stdin, env=variables)
    except (ImportError, FileNotFoundError):
        raise ClusterError(
            "packages are locked and installed by uv, which is not installed here; install what "
            "requirements-hosts.lock names, or the wheel with its extra: dask_swarm-….whl[hosts]"
        ) from None
    except subprocess.TimeoutExpired:
        raise ClusterError(
            f"uv did not end within {SECONDS:.0f} s; check that the package index answers"
        ) from None
    if done.returncode:
        raise UvError(_words(done.stderr))
    return done.stderr


def _words(stderr: str) -> str:
    """Return the lines of uv's error, without the words that mark each as one."""
    lines = (line.strip().removeprefix("error: ") for line in stderr.splitlines())
    return "\n".join(line.removeprefix(_CAUSE) for line in lines if line)
