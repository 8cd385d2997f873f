"""Small changes of a file, as carelessness, bad lines and other programs make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

BITS = (
    *(b'"', b'""', b",", b";", b"\t", b"|", b"\n", b"\r", b"\r\n", b"\n\n", b"'", b" ", b"\0"),
    *(
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xc3\xa9",
        b"\xe9",
        b"\xc2\xa0",
        b"x",
        b"-",
        b"+",
        b".",
        b"e",
    ),
    *(b"1", b"0", b"NA", b"<nil>", b"nan", b"inf", b"1e400", b"1e-400", b"0x10", b"1_0", b"s/d"),
    *(b"-999", b",1.5,", b"\n7,7.5,z\n", b'"a\n1,2,3\n"', b'x"', b'"x', b'" ', b' "', b"1,5"),
    *(b"9007199254740993", b"0.1000000000000000055511151231257827", b"-0.0", b"5e-324", b"00012"),
)


def flip(data: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def drop(data: bytes, chance: Random) -> bytes:
    at, size = _range(data, chance)
    return data[:at] + data[at + size :]


def repeat(data: bytes, chance: Random) -> bytes:
    at, size = _range(data, chance)
    return data[: at + size] + data[at:]


def insert(data: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(BITS) + data[at:]


def overwrite(data: bytes, chance: Random) -> bytes:
    at, bits = chance.randrange(len(data)), chance.choice(BITS)
    return data[:at] + bits + data[at + len(bits) :]


def cut_off(data: bytes, chance: Random) -> bytes:
    return data[: chance.randrange(len(data))]


def fill_cell(data: bytes, chance: Random) -> bytes:
    """Replace what stands between two delimiters."""
    fields = data.split(b",")
    fields[chance.randrange(len(fields))] = chance.choice(BITS)
    return b",".join(fields)


def shuffle_lines(data: bytes, chance: Random) -> bytes:
    header, *lines = data.split(b"\n")
    chance.shuffle(lines)
    return b"\n".join([header, *lines])


def quote_field(data: bytes, chance: Random) -> bytes:
    """Put quotes around what stands between two delimiters."""
    fields = data.split(b",")
    at = chance.randrange(len(fields))
    fields[at] = b'"' + fields[at] + b'"'
    return b",".join(fields)


def grow(data: bytes, chance: Random) -> bytes:
    """Repeat all but the first line, for more than one block and more than one index."""
    header, _, body = data.partition(b"\n")
    return header + b"\n" + body * chance.choice([2, 5, 20])


def other_ends(data: bytes, chance: Random) -> bytes:
    return data.replace(b"\n", chance.choice([b"\r\n", b"\r", b"\n\n"]))


def other_mark(data: bytes, chance: Random) -> bytes:
    old, new = chance.choice([b",;", b",\t", b",|", b".,", b"\"'", b";,"]).decode()
    return data.replace(old.encode(), new.encode())


def decode_twice(data: bytes, _: Random) -> bytes:
    return data.decode("latin-1").encode()


MUTATIONS: tuple[Callable[[bytes, Random], bytes], ...] = (
    *(flip, drop, repeat, insert, insert, insert, overwrite, cut_off, fill_cell, fill_cell),
    *(shuffle_lines, quote_field, quote_field, grow, other_ends, other_mark, decode_twice),
)
MOST_BYTES = 1 << 15


def mutate(data: bytes, chance: Random) -> bytes:
    """Change a file some times; mostly a few."""
    for _ in range(chance.choice([0, 1, 1, 2, 3, 5, 9])):
        if data:
            data = chance.choice(MUTATIONS)(data, chance)[:MOST_BYTES]
    return data


def _range(data: bytes, chance: Random) -> tuple[int, int]:
    at = chance.randrange(len(data))
    return at, chance.choice([1, 2, 5, chance.randrange(1, len(data) + 1)])
