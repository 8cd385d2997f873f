"""The docstrings say what is needed: `help(...)` is enough to use what is public."""

from __future__ import annotations

import inspect
import pkgutil
import re
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

import pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOMS = (
    "pipeline.api",
    "pipeline.cli",
    "pipeline.report",
    "pipeline.sample",
    "pipeline.statistics",
)


def section(text: str, name: str) -> dict[str, str]:
    """Return the entries of a docstring's section by their names, whitespace made single."""
    body = re.search(rf"^{name}:\n((?:    .*\n|\n)+)", text + "\n", re.MULTILINE)
    assert body, f"no section {name}"
    entries = re.findall(r"^    (\w+)(?: \(.*?\))?: (.*(?:\n     .*)*)", body[1], re.MULTILINE)
    return {entry: " ".join(words.split()) for entry, words in entries}


def public() -> Iterator[tuple[str, Any]]:
    """Yield the public classes and functions of the rooms, and the classes' public methods."""
    for room in map(import_module, ROOMS):
        names = [room.__name__]
        if hasattr(room, "__path__"):
            names += [
                item.name for item in pkgutil.iter_modules(room.__path__, f"{room.__name__}.")
            ]
        for module in map(import_module, names):
            for name, item in vars(module).items():
                if name.startswith("_") or getattr(item, "__module__", None) != module.__name__:
                    continue
                if inspect.isclass(item) or inspect.isfunction(item):
                    yield f"{module.__name__}.{name}", item
                if inspect.isclass(item):
                    for method, value in vars(item).items():
                        function = getattr(value, "__func__", value)
                        if not method.startswith("_") and inspect.isfunction(function):
                            yield f"{module.__name__}.{name}.{method}", function


PUBLIC = dict(public())


@pytest.mark.parametrize("name", PUBLIC)
def test_a_docstring_names_every_parameter_and_field(name):
    """Each parameter of a function and each field of a dataclass occurs in the docstring."""
    item = PUBLIC[name]
    text = inspect.getdoc(item)
    assert text
    if inspect.isfunction(item):
        names = set(inspect.signature(item).parameters) - {"self", "cls"}
        wanted = {name for name in names if not name.startswith("_")}
    else:
        wanted = set(inspect.get_annotations(item)) if is_dataclass(item) else set()
    assert wanted - set(re.findall(r"\w+", text)) == set()


def test_help_of_describe_explains_every_argument():
    """Each has an entry of its own, which says what is taken where it is left out."""
    entries = section(inspect.getdoc(pipeline.describe) or "", "Args")
    parameters = inspect.signature(pipeline.describe).parameters
    assert list(entries) == list(parameters)
    for name, parameter in parameters.items():
        assert entries[name].endswith(".")
        assert ("Default: " in entries[name]) == (parameter.default is not parameter.empty), name


def test_help_of_describe_tells_the_errors():
    """Each error that a caller may want to catch has an entry, and can be imported from here."""
    entries = section(inspect.getdoc(pipeline.describe) or "", "Raises")
    assert set(entries) == {"InputError", "ClusterError"}
    assert entries.keys() <= set(pipeline.__all__)


def test_help_of_a_result_explains_every_field():
    """Each has an entry of its own, with its type; its order is free."""
    entries = section(inspect.getdoc(pipeline.Result) or "", "Attributes")
    assert entries.keys() == {field.name for field in fields(pipeline.Result)}


@pytest.mark.parametrize("name", pipeline.__all__)
def test_the_public_names_have_docstrings(name):
    """What `pipeline` exports can be imported from it and explains itself."""
    assert inspect.getdoc(getattr(pipeline, name))
