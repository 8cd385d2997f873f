"""The one error this package raises on purpose."""


class ClusterError(Exception):
    """Something about the cluster is not as it must be.

    The message is one sentence or a few lines: what failed, where, why, and what to try next.
    """
