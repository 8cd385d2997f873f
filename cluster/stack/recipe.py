"""Where the files are that a cluster is made of, and how they are called."""

from pathlib import Path

BESIDE = Path(__file__).resolve().parents[2]
"""The folder that holds the packages `cluster` and `pipeline`."""

_IN_A_WHEEL = BESIDE / "cluster" / "recipe"
RECIPE = _IN_A_WHEEL if _IN_A_WHEEL.is_dir() else BESIDE
"""Where the recipe is: the stack file, that of the image, the locks, an inventory to begin with.

A checkout has it at its top, an installed package in a folder of its own.
"""

STACK = "stack.yml"
LOCK, CLIENT_LOCK = "requirements.lock", "requirements-hosts.lock"
EXAMPLE = "cluster.example.toml"
