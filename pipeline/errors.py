"""What this package refuses, and how it says so."""


class InputError(ValueError):
    """An input that cannot be read rightly, in one sentence: what, where, why, what to try."""


class ClusterError(RuntimeError):
    """A cluster that cannot do the work, in one sentence: what failed, why, what to try."""


def cause(error: object) -> str:
    """Return an error in a few words, to be named in another's sentence: its first line or type."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")
