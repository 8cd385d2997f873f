"""The doctor's verdict on one thing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One line of the doctor.

    `host` is an address, a host name or `all`; `what` was looked at; `advice` says what is wrong
    and what to do, and is empty if nothing is.
    """

    host: str
    what: str
    advice: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is nothing to do."""
        return not self.advice

    def __str__(self) -> str:
        """Return the line that the user reads."""
        return f"{self.host}: {self.what}: {'ok' if self.ok else f'NOT OK: {self.advice}'}"
