"""A realistic IDEAM export of any size: `python -m pipeline.sample OUT --rows N`.

Each row is joined from pieces of text that were rendered once (a station's fields, days, times of
day, whole degrees, fractions), so a gigabyte takes seconds. The content is made up; the shape is
that of the real exports: twelve columns, the quotes and dates of either layout of the open-data
portal, accents, commas inside fields, codes with leading zeros, 0 to 5 decimals in one column,
empty cells, `<nil>`, duplicate rows, no order in time, temperatures from 0 to 50 °C.
"""

from __future__ import annotations

if __name__ == "__main__":
    from pipeline.cli.interrupts import catch

    catch()

import datetime as dt
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from pipeline.atomic import atomic
from pipeline.cli.interrupts import end, promise
from pipeline.cli.terminal import tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    Pieces = NDArray[np.object_]
    Integers = NDArray[np.int64]

# fmt: off
HEADER = (
    "CodigoEstacion", "CodigoSensor", "FechaObservacion", "ValorObservado", "NombreEstacion",
    "Departamento", "Municipio", "ZonaHidrografica", "Latitud", "Longitud", "DescripcionSensor",
    "UnidadMedida",
)
SENSORS = ("0068", "0071")

# Departamento, municipio, zona hidrográfica, latitude, longitude, mean temperature in °C.
PLACES = (
    ("ANTIOQUIA", "SANTA BÁRBARA", "CAUCA", 5.876, -75.566, 19.0),
    ("ATLÁNTICO", "SABANALARGA", "BAJO MAGDALENA", 10.632, -74.921, 28.0),
    ("BOGOTA", "BOGOTA, D.C", "ALTO MAGDALENA", 4.609, -74.082, 13.5),
    ("BOYACÁ", "VENTAQUEMADA", "META", 5.368, -73.522, 8.0),
    ("CALDAS", "SUPIA", "CAUCA", 5.447, -75.65, 22.0),
    ("CAQUETA", "FLORENCIA", "CAQUETÁ", 1.614, -75.606, 25.5),
    ("CAUCA", "LA SIERRA", "PATÍA", 2.179, -76.763, 18.0),
    ("CESAR", "AGUSTÍN CODAZZI", "CESAR", 10.036, -73.236, 28.0),
    ("CHOCÓ", "CARMEN DEL DARIÉN  (CURBARADÓ)", "ATRATO - DARIÉN", 7.158, -76.971, 26.5),
    ("CORDOBA", "MONTERÍA", "SINÚ", 8.748, -75.881, 27.5),
    ("CUNDINAMARCA", "NEMOCÓN", "ALTO MAGDALENA", 5.069, -73.879, 12.5),
    ("CUNDINAMARCA", "GIRARDOT", "ALTO MAGDALENA", 4.303, -74.803, 28.5),
    ("HUILA", "NEIVA", "ALTO MAGDALENA", 2.927, -75.282, 27.0),
    ("LA GUAJIRA", "SAN JUAN DEL CESAR", "CESAR", 10.77, -73.003, 28.5),
    ("MAGDALENA", "CIÉNAGA", "BAJO MAGDALENA", 11.007, -74.247, 28.0),
    ("META", "ACACÍAS", "META", 3.987, -73.758, 24.0),
    ("NARINO", "TUMACO", "MIRA", 1.791, -78.793, 26.0),
    ("NORTE DE SANTANDER", "CUCUTILLA", "CATATUMBO", 7.539, -72.773, 18.5),
    ("RISARALDA", "GUÁTICA", "CAUCA", 5.316, -75.799, 17.5),
    ("SANTANDER", "CONFINES", "SOGAMOSO", 6.357, -73.241, 18.0),
    ("TOLIMA", "PLANADAS", "SALDAÑA", 3.197, -75.644, 19.5),
    ("VALLE DEL CAUCA", "SEVILLA", "CAUCA", 4.269, -75.931, 19.0),
)
STATIONS = (
    "APTO  - AUT", "BASE NAVAL - AUT", "COLEGIO AGROPECUARIO  - AUT", "DOÑA ROSA - FOPAE",
    "EL DIAMANTE  - AUT", "GRANJA EXPERIMENTAL TX GPRS", "LA ESPERANZA - AUT", "LAGUNA,LA  - AUT",
    "PARAMO ALTO - AUT", "PEÑAS BLANCAS Fuera de Servicio", "UNIVERSIDAD NACIONAL - AUT",
)
# fmt: on

FIRST_DAY = dt.date(2005, 1, 1)
DAYS = 7_300
MIDNIGHT = dt.datetime.min.replace(tzinfo=dt.UTC)
TEN_MINUTES = dt.timedelta(minutes=10)
TIMES = 144
HOTTEST = 50
DECIMALS = 5
MOST_DISTINCT = HOTTEST * 10**7
# Shares of all rows: copies of an earlier row; missing values; those of them written as <nil>.
REPEATED = 0.05
MISSING = 0.02
NIL = 0.002
CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Layout:
    """How one of the portal's two exports writes a row.

    Attributes:
        header: What a column's name is turned into.
        mark: The quote around every field; empty if only the fields that need quotes have them.
        day: The first half of a date, as a format of `strftime`.
        time: The second half.
        sensor: The description of the sensor.

    """

    header: Callable[[str], str]
    mark: str
    day: str
    time: str
    sensor: str

    def quoted(self, field: str) -> str:
        """Return `field` as it is written in a row."""
        return f'"{field}"' if self.mark or "," in field else field


LAYOUTS = {
    "bulk": Layout(
        header=str,
        mark="",
        day="%m/%d/%Y ",
        time="%I:%M:%S %p",
        sensor="TEMPERATURA DEL AIRE 2 m",
    ),
    "api": Layout(
        header=str.lower,
        mark='"',
        day="%Y-%m-%dT",
        time="%H:%M:%S.000",
        sensor="Temp Aire 2 m",
    ),
}


@dataclass(frozen=True, slots=True)
class Stations:
    """The network: arrays with one item for each pair of a station and a sensor.

    Attributes:
        before: The text of a row before the date.
        after: The text of a row after the value.
        mean: The mean temperature in °C.
        decimals: How many decimals the sensor writes.

    """

    before: Pieces
    after: Pieces
    mean: NDArray[np.float64]
    decimals: Integers


def render(layout: Layout, rows: int, *, seed: int, decimals: int, distinct: bool) -> Iterator[str]:
    """Yield the text of a file in chunks, the header first.

    A file with fewer rows is the beginning of one with more, all else being equal.

    Args:
        layout: How rows are written: one of `LAYOUTS`.
        rows: How many rows follow the header.
        seed: The same seed makes the same file.
        decimals: The most decimals that a value has, from 0 to 5.
        distinct: Whether no value occurs twice and none is missing.

    """
    random = np.random.default_rng(seed)
    stations = _stations(layout, random, decimals)
    days = _pieces(f"{FIRST_DAY + dt.timedelta(days=n):{layout.day}}" for n in range(DAYS))
    end_of_date = f"{layout.mark},{layout.mark}"
    times = _pieces(
        f"{MIDNIGHT + n * TEN_MINUTES:{layout.time}}" + end_of_date for n in range(TIMES)
    )
    values = _distinct_values if distinct else _sensor_values(random, stations)
    yield ",".join(layout.quoted(layout.header(name)) for name in HEADER) + "\n"
    for start in range(0, rows, CHUNK):
        station = random.integers(len(stations.mean), size=CHUNK)
        day = random.integers(DAYS, size=CHUNK)
        time = random.integers(TIMES, size=CHUNK)
        columns = [stations.before[station], days[day], times[time]]
        columns += [*values(start, station, time), stations.after[station]]
        text = np.stack(columns, axis=1)
        if not distinct:
            text = text[_with_repeats(random)]
        yield "".join(text[: rows - start].ravel().tolist())


def _with_repeats(random: np.random.Generator) -> Integers:
    """Return the row numbers of a chunk, one in twenty replaced by that of an earlier row."""
    rows = np.arange(CHUNK)
    earlier = (rows * random.random(CHUNK)).astype(np.int64)
    return np.where(random.random(CHUNK) < REPEATED, earlier, rows)


def _sensor_values(
    random: np.random.Generator, stations: Stations
) -> Callable[[int, Integers, Integers], Sequence[Pieces]]:
    """Return a function that makes temperatures, warmest at two in the afternoon.

    Each is rounded to the decimals of its station's sensor.
    """
    whole = _pieces([*map(str, range(HOTTEST + 1)), "", "<nil>"])
    blank, nil = HOTTEST + 1, HOTTEST + 2
    fractions = _pieces(_fraction(i, n) for n in range(DECIMALS + 1) for i in range(10**n))
    first_fraction = np.array([(10**n - 1) // 9 for n in range(DECIMALS + 1)])
    warmth = 4 * np.cos((np.arange(TIMES) / TIMES - 14 / 24) * 2 * np.pi)

    def values(_start: int, station: Integers, time: Integers) -> Sequence[Pieces]:
        degrees = stations.mean[station] + warmth[time] + random.normal(0, 2.2, CHUNK)
        decimals = stations.decimals[station]
        unit = 10**decimals
        scaled = np.rint(degrees.clip(0, HOTTEST) * unit).astype(np.int64)
        kind = random.random(CHUNK)
        missing = kind < MISSING
        degree = np.where(missing, np.where(kind < NIL, nil, blank), scaled // unit)
        fraction = np.where(missing, 0, first_fraction[decimals] + scaled % unit)
        return whole[degree], fractions[fraction]

    return values


def _distinct_values(start: int, _station: Integers, _time: Integers) -> Sequence[Pieces]:
    """Return values with seven decimals in scattered order; none occurs twice in a file."""
    # A step that has no divisor in common with MOST_DISTINCT visits every residue once.
    scattered = (np.arange(start, start + CHUNK) * 308_641_979) % MOST_DISTINCT
    return (
        _pieces(f"{degree}." for degree in range(HOTTEST))[scattered // 10**7],
        _pieces(f"{digits:03}" for digits in range(10**3))[scattered // 10**4 % 10**3],
        _pieces(f"{digits:04}" for digits in range(10**4))[scattered % 10**4],
    )


def _stations(layout: Layout, random: np.random.Generator, decimals: int) -> Stations:
    """Return a station of each name at each place; one in eight has a second sensor.

    Three in five write one decimal, one in five writes five.
    """
    pairs = [
        (number, place, name, code)
        for number, (place, name) in enumerate(product(PLACES, STATIONS))
        for code in SENSORS[: 1 + (random.random() < 1 / 8)]
    ]
    before, after = [], []
    for number, (*region, latitude, longitude, _), name, code in pairs:
        station = f"{21_000_000 + 5_417 * number:010}"
        before.append(f"{layout.quoted(station)},{layout.quoted(code)},{layout.mark}")
        digits = 3 + number % 7
        position = (f"{degrees + number / 7e5:.{digits}f}" for degrees in (latitude, longitude))
        fields = (name, *region, *position, layout.sensor, "°C")
        after.append(layout.mark + "," + ",".join(map(layout.quoted, fields)) + "\n")
    usual = random.choice(DECIMALS + 1, size=len(pairs), p=[0.1, 0.6, 0.04, 0.03, 0.03, 0.2])
    return Stations(
        before=_pieces(before),
        after=_pieces(after),
        mean=np.array([place[-1] for _, place, _, _ in pairs]),
        decimals=np.minimum(usual, decimals),
    )


def _fraction(number: int, decimals: int) -> str:
    """Return a fraction as the portal writes it: no trailing zeros, no point without digits."""
    return f".{number:0{decimals}}".rstrip("0").rstrip(".") if decimals else ""


def _pieces(texts: Iterable[str]) -> Pieces:
    return np.array(list(texts), dtype=np.object_)


# fmt: off
@click.command()
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--rows", type=click.IntRange(min=0), required=True,
    help="How many rows follow the header.")
@click.option("--layout", type=click.Choice(list(LAYOUTS)), default="bulk", show_default=True,
    help="bulk: quotes where needed, 145 bytes a row. api: every field quoted, 160 bytes a row.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True,
    help="The same seed makes the same file.")
@click.option("--decimals", type=click.IntRange(0, DECIMALS), default=DECIMALS, show_default=True,
    help="The most decimals of a value: 1 makes 501 distinct values, 5 makes millions.")
@click.option("--distinct", is_flag=True,
    help="No value occurs twice and none is missing; each has seven decimals.")
def main(out: Path, rows: int, layout: str, **choices: Any) -> None:
    """Write a made-up IDEAM export of N rows to OUT.

    Example: python -m pipeline.sample sample.csv --rows 1000000
    """
    if choices["distinct"] and rows > MOST_DISTINCT:
        raise click.UsageError(f"--distinct allows --rows {MOST_DISTINCT:,} at most, not {rows:,}")
    promise([out])
    try:
        with atomic(out) as stream:
            stream.writelines(render(LAYOUTS[layout], rows, **choices))
    except OSError as error:
        raise click.ClickException(f"{out} was not written: {error}") from error
    tell(f"{out}: {rows:,} rows, {out.stat().st_size:,} bytes")

# fmt: on


if __name__ == "__main__":
    end(main)
