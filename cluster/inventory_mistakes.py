"""How a mistake in the inventory is said: its key's path, what was expected, what was found."""

from pydantic_core import ErrorDetails

_EXPECTED = {
    "string_type": "a string",
    "int_type": "a whole number",
    "float_type": "a number",
    "dict_type": "a table",
    "mapping_type": "a table",
    "model_type": "a table",
    "tuple_type": "a list",
}


def sentence(detail: ErrorDetails) -> str:
    """Say one validation error, its `detail`, as `path: expected …, got …`."""
    kind, found = detail["type"], detail["input"]
    match kind:
        case "missing":
            problem = "is missing"
        case "extra_forbidden":
            problem = "unknown key"
        case "value_error":
            problem = str(detail["ctx"]["error"])
        case _ if kind in _EXPECTED:
            problem = f"expected {_EXPECTED[kind]}, got {found!r}"
        case _:
            problem = f"{detail['msg'].removeprefix('Input should be ')}, got {found!r}"
            problem = f"expected {problem}"
    path = _path(detail["loc"])
    return f"{path}: {problem}" if path else problem


def _path(location: tuple[int | str, ...]) -> str:
    named = (part for part in location if part != "[key]")  # a key is its own value
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in named)
    return "".join(parts).removeprefix(".")
