"""A share that no longer answers ends a run instead of holding it for ever."""

import asyncio
import os
import socket
import time
from pathlib import Path

import pytest
from distributed import Client

from pipeline.engine import reduce
from pipeline.engine.liveness import Unresponsive, answers
from pipeline.errors import ClusterError


@pytest.fixture
def stuck(tmp_path: Path) -> Path:
    """A path whose reading never comes to an end, as on a hard mount without its server."""
    path = tmp_path / "stuck.csv"
    os.mkfifo(path)
    return path


def test_reader_that_is_stuck_is_given_up(stuck: Path) -> None:
    """A read that does not end in time is no answer."""
    assert asyncio.run(answers(stuck, 0.3)) == (socket.gethostname(), False)


def test_file_that_is_there_or_not_is_an_answer(tmp_path: Path) -> None:
    """A file system that says no does answer."""
    there = tmp_path / "there"
    there.write_text("x")
    for path in (there, tmp_path / "absent"):
        assert asyncio.run(answers(path, 30)) == (socket.gethostname(), True)


def test_silence_counts_from_its_first_question_and_ends_with_an_answer() -> None:
    """The node that has been silent the longest is named, once it is for long enough."""
    silence = Unresponsive()
    silence.hear([("a", True), ("b", False)], 10)
    silence.hear([("a", False), ("b", False)], 20)
    assert silence.longer_than(30, 39) is None
    assert silence.longer_than(30, 40) == "b"
    silence.hear([("b", True)], 41)
    assert silence.longer_than(30, 49) is None
    assert silence.longer_than(30, 50) == "a"


def test_run_on_a_silent_share_ends_and_names_node_and_file(
    stuck: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error comes although the task itself never would."""
    monkeypatch.setattr(reduce, "LISTEN_SECONDS", 0.1)
    monkeypatch.setattr(reduce, "SILENT_SECONDS", 0)
    monkeypatch.setattr(answers, "__defaults__", (0.2,))
    with reduce.connect(workers=1) as client, pytest.raises(ClusterError) as caught:
        _wait_for(client, stuck)
    assert str(caught.value).startswith(f"node {socket.gethostname()} has waited")
    assert str(stuck) in str(caught.value)


def _wait_for(client: Client, path: Path) -> None:
    reduce._result(client, client.submit(time.sleep, 5), path)
