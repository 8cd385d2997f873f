"""Sizes of memory and disk: the units, and how they are read and written."""

MEBIBYTE = 2**20
GIBIBYTE = 2**30
_MEBIBYTES = {"M": 1, "G": 1024}


def in_bytes(size: str) -> int:
    """Convert a size of the inventory, such as 900M or 1.5G, to bytes."""
    return int(float(size[:-1]) * _MEBIBYTES[size[-1]] * MEBIBYTE)


def in_mebibytes(size: float) -> str:
    """Write a number of bytes as whole mebibytes, such as `1,024 MiB`."""
    return f"{size / MEBIBYTE:,.0f} MiB"
