"""Waiting ends when there is no problem, at the limit, or when the look itself fails."""

import pytest

from cluster.errors import ClusterError
from cluster.poll import wait_until_none


def test_the_wait_ends_when_there_is_no_problem():
    """It looks again until then."""
    problems = iter([ClusterError("first"), ClusterError("second"), None])
    wait_until_none(lambda: next(problems), seconds=60, poll_seconds=0)
    assert list(problems) == []


def test_the_problem_that_stays_is_raised_at_the_limit():
    """The last one that was seen."""
    with pytest.raises(ClusterError, match="stays"):
        wait_until_none(lambda: ClusterError("stays"), seconds=0, poll_seconds=0)


def test_a_look_that_fails_ends_the_wait_at_once():
    """Its error is not waited out."""

    def fail():
        raise ClusterError("hopeless")

    with pytest.raises(ClusterError, match="hopeless"):
        wait_until_none(fail, seconds=60, poll_seconds=0)
