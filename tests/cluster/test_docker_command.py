"""Docker's command line, played by a script: what fails, what is repeated, what is hidden."""

import pytest

from cluster.docker.command import INSPECT_ATTEMPTS, MOST_ATTEMPTS, docker, docker_inspect
from cluster.errors import ClusterError


def test_what_disappears_between_listing_and_inspecting_is_listed_again(play):
    """The second listing names only what is still there."""
    play(
        "n = len(calls.read())\n"
        "if n == 1: print('a gone')\n"
        "elif n == 2: sys.exit('task gone not found')\n"
        "elif n == 3: print('a')\n"
        'else: print(\'[{"ID": "a"}]\')\n'
    )
    assert docker_inspect("unix:///s", "task", "service", "ps") == [{"ID": "a"}]


def test_a_failure_that_stays_is_told_after_a_few_attempts(play):
    """With Docker's own reason."""
    calls = play("sys.exit('permission denied')")
    with pytest.raises(ClusterError, match=r"unix:///s: `docker service ps` failed: permission"):
        docker_inspect("unix:///s", "task", "service", "ps")
    assert len(calls.read_text()) == INSPECT_ATTEMPTS


def test_what_the_swarm_changed_meanwhile_is_updated_again(play):
    """The swarm writes to its nodes and services itself, and refuses an update of what was."""
    calls = play("if len(calls.read()) < 3: sys.exit('rpc error: update out of sequence')")
    assert docker("unix:///s", "node", "update", "--label-rm", "dask", "id0") == ""
    assert len(calls.read_text()) == 3
    calls = play("sys.exit('rpc error: update out of sequence')")
    with pytest.raises(ClusterError, match="update out of sequence"):
        docker("unix:///s", "node", "update", "id0")
    assert len(calls.read_text()) == MOST_ATTEMPTS


def test_nothing_is_inspected_where_nothing_is_listed(play):
    """Docker would refuse to inspect nothing."""
    calls = play("")
    assert docker_inspect("unix:///s", "task", "service", "ps") == []
    assert len(calls.read_text()) == 1


def test_a_command_that_does_not_end_is_given_up(play):
    """After its limit, with the command and what to look at."""
    play("import signal; signal.pause()")
    with pytest.raises(ClusterError, match=r"`docker info` did not end within 1 s; check that"):
        docker("unix:///s", "info", seconds=1)


def test_neither_programs_nor_join_tokens_are_shown(play):
    """An error names the command as a person would."""
    play("sys.exit('no')")
    with pytest.raises(ClusterError) as error:
        docker("unix:///s", "run", "line\nline", "SWMTKN-1-abc")
    assert "`docker run ... [REDACTED]` failed: no" in str(error.value)
