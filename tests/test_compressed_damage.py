"""A compressed file that is damaged, cut off or no table is refused, and never read wrongly."""

from __future__ import annotations

import errno
import gzip
import io
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.formats.compressed.zipped import decode_zip
from tests.packed import COMPRESS, PACKED, TEXT, WANTED, read_all, text, zipped

if TYPE_CHECKING:
    pass


@pytest.mark.parametrize("kind", COMPRESS)
@given(data=st.data())
def test_a_file_that_is_cut_off_is_refused(kind, data, tmp_path_factory):
    """At whatever byte, but the first ones that tell what it is."""
    packed = PACKED[kind]
    path = tmp_path_factory.getbasetemp() / f"cut.csv.{kind}"
    path.write_bytes(packed[: data.draw(st.integers(0, len(packed) - 1))])
    with pytest.raises(InputError) as refusal:
        read_all(path)
    assert "\n" not in str(refusal.value)
    assert str(path) in str(refusal.value)


@pytest.mark.parametrize("skip", ["fail", "skip"])
@pytest.mark.parametrize("kind", COMPRESS)
@given(data=st.data())
def test_a_flipped_bit_gives_no_wrong_number(kind, skip, data, tmp_path_factory):
    """The right answer, where the bit is in a name or a time, or a refusal."""
    packed = bytearray(PACKED[kind])
    bit = data.draw(st.integers(0, 8 * len(packed) - 1))
    packed[bit // 8] ^= 1 << bit % 8
    path = tmp_path_factory.getbasetemp() / f"flipped.csv.{kind}"
    path.write_bytes(packed)
    refused, found = "", WANTED
    try:
        found = read_all(path, on_invalid=skip)
    except InputError as error:
        refused = str(error)
    assert found == WANTED
    assert "\n" not in refused


@pytest.mark.parametrize("kind", ["gz", "zst", "bz2", "xz"])
def test_something_else_behind_the_end_is_refused(kind, place):
    path = place(PACKED[kind] + b"something else", f"data.{kind}")
    with pytest.raises(InputError, match=f"from byte {len(PACKED[kind]):,} on"):
        read_all(path)


def test_the_place_of_damage_is_named(place):
    """Bytes of the file, and bytes of the text before."""
    packed = gzip.compress(text(400_000))
    with pytest.raises(InputError, match=r"is cut off .* byte 1,000,000, after [\d,]+ bytes"):
        read_all(place(packed[:1_000_000], "data.csv.gz"))


def test_a_row_of_a_damaged_file_is_refused_for_the_damage(place):
    """What a row holds means nothing where the checksum is wrong."""
    packed = bytearray(gzip.compress(b"x\nabc\n" + TEXT))
    packed[-5] ^= 1
    with pytest.raises(InputError, match="is damaged"):
        read_all(place(bytes(packed), "data.csv.gz"))


def test_zip_archives_that_are_no_table(place):
    with pytest.raises(InputError, match=r"2 files \(a.csv, b.csv\)"):
        read_all(place(zipped(TEXT, "a.csv", "b.csv"), "two.zip"))
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    with pytest.raises(InputError, match="0 files"):
        read_all(place(empty.getvalue(), "none.zip"))


@pytest.mark.parametrize("kind", COMPRESS)
def test_an_empty_text_is_refused_as_an_empty_file(kind, place):
    with pytest.raises(InputError, match="is empty"):
        read_all(place(COMPRESS[kind](b""), f"data.{kind}"))


def test_a_compressed_parquet_file_is_refused(place):
    with pytest.raises(InputError, match="compressed Parquet"):
        read_all(place(gzip.compress(b"PAR1" + bytes(100)), "data.parquet.gz"))


def test_zip_archives_that_nobody_here_can_unpack(place):
    """Encrypted, or compressed in a way of a newer program."""
    sound = bytearray(zipped(TEXT, "a.csv"))
    directory = sound.rindex(b"PK\1\2")
    encrypted, odd = bytearray(sound), bytearray(sound)
    encrypted[directory + 8] |= 1
    with pytest.raises(InputError, match="is encrypted; unpack it with its password"):
        read_all(place(bytes(encrypted), "secret.zip"))
    odd[8:10] = odd[directory + 10 : directory + 12] = b"\x63\0"
    with pytest.raises(InputError, match="in a way that Python's zipfile does not know"):
        read_all(place(bytes(odd), "odd.zip"))


def test_an_error_of_the_disk_is_no_damage(place):
    """It is the system's, which says what it is."""
    path = place(zipped(TEXT, "a.csv"), "a.zip")

    class Failing(io.FileIO):
        def read(self, *_: int) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(OSError, match="Input/output error"), Failing(path) as file:
        list(decode_zip(path, file))
