"""Numbers as a reader of a language writes them."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

_DIGITS = 6
_LARGE = 1e15
_SMALL = 1e-4
_THIN = "\u202f"
_RAISED = str.maketrans(
    "-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
)


@dataclass(frozen=True)
class Numbers:
    """How numbers are written: the decimal `point`, and the mark between thousands, `group`."""

    point: str = "."
    group: str = ","

    @classmethod
    def of(cls, lang: str) -> Numbers:
        """Return the custom of a language: "en" or "es"."""
        return cls(",", _THIN) if lang == "es" else cls()

    def count(self, number: int) -> str:
        """Return a `number` of things, thousands apart."""
        return self._local(f"{number:,}")

    def share(self, part: int, whole: int) -> str:
        """Return the share of a `part` in a `whole` as a percentage with one decimal.

        A share that is not 0, or not 100, is not written so either.
        """
        tenths = round(1000 * part / whole) if whole else 0
        if part and not tenths:
            return f"< {self._local('0.1')}\u00a0%"
        if part < whole and tenths == 1000:  # noqa: PLR2004
            return f"> {self._local('99.9')}\u00a0%"
        return f"{self._local(f'{tenths / 10:,.1f}')}\u00a0%"

    def value(self, number: float | None, digits: int = _DIGITS) -> str:
        """Return a `number` with so many significant `digits`; a dash where it is undefined."""
        if number is None:
            return "\N{EN DASH}"
        if isinstance(number, int):
            return self.count(number)
        if not isfinite(number):
            return str(number)
        if number and not _SMALL <= abs(number) < _LARGE:
            mantissa, _, exponent = f"{number:.{digits - 1}e}".partition("e")
            raised = str(int(exponent)).translate(_RAISED)
            return f"{self._signed(f'{float(mantissa):g}')}\u00d710{raised}"
        text = f"{number:,.{digits}g}"
        if "e" in text:
            # It has more digits before its point: those that are not significant are zeros.
            text = f"{float(text):,.0f}"
        return self._signed(text)

    def full(self, number: float | None) -> str:
        """Return a `number` in full, as programs read it; nothing where it is undefined."""
        return "" if number is None else repr(number)

    def _signed(self, text: str) -> str:
        return self._local(text).replace("-", "\N{MINUS SIGN}")

    def _local(self, text: str) -> str:
        if (self.point, self.group) == (".", ","):
            return text
        return text.translate({ord(","): self.group, ord("."): self.point})
