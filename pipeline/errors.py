"""What this package refuses, and how it says so."""


class InputError(ValueError):
    """An input that cannot be read rightly, in one sentence: what, where, why, what to try."""


class ClusterError(RuntimeError):
    """A cluster that cannot do the work, in one sentence: what failed, why, what to try."""
