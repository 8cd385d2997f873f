"""Fixtures and settings shared by the whole suite."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.laws")

# The examples are the same in every run, so that a change is judged by what it changes. To look
# for new ones: pytest --hypothesis-profile search
settings.register_profile(
    "fixed",
    deadline=None,
    derandomize=True,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile(
    "search", settings.get_profile("fixed"), derandomize=False, max_examples=2_000
)
settings.load_profile("fixed")
