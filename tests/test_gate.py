"""The gate of the tests: what is opened does not close again."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.gate import _Gate


@pytest.mark.parametrize("opened_first", [True, False])
def test_workers_are_held_and_let_go_on(opened_first):
    """Also where the gate is opened in the moment in which it would have closed."""
    told: list[tuple[str, str]] = []
    gate = _Gate(1)
    gate.scheduler = SimpleNamespace(
        workers={"tcp://a": None},
        no_workers_timeout=60,
        handle_worker_status_change=lambda status, address, _: told.append((address, status.name)),
    )
    for act in (gate.open, gate.hold) if opened_first else (gate.hold, gate.open):
        act()
    assert told[-1:] in ([], [("tcp://a", "running")])
    assert gate.scheduler.no_workers_timeout == 60
