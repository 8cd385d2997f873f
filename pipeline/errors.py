"""What this package refuses, and how it says so."""


class InputError(ValueError):
    """An input that cannot be read rightly: one sentence that says what, where, why and what to try."""


class ClusterError(RuntimeError):
    """A cluster that cannot do the work: one sentence that says what failed, why and what to try."""
