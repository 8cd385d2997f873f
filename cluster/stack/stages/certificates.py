"""Certificates and the dashboard's login: made once, renewed before they end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cluster.inventory import Inventory
from cluster.local import credentials
from cluster.local.credentials import AUTHORITY, CLIENT, SERVICE
from cluster.plan import HERE, Stage, Step
from cluster.stack.facts import Facts

RENEWED_BEFORE_EXPIRY = timedelta(days=60)


@dataclass(frozen=True)
class MakeAuthority:
    """Make a certificate authority."""

    folder: Path

    def apply(self) -> None:
        """Make it."""
        credentials.make_authority(self.folder)


@dataclass(frozen=True)
class IssueCertificate:
    """Issue a certificate for a role, valid for some names and addresses."""

    folder: Path
    role: str
    names: frozenset[str]

    def apply(self) -> None:
        """Issue it."""
        credentials.issue(self.folder, self.role, self.names)


@dataclass(frozen=True)
class WriteRevocations:
    """Write the authority's list of the certificates that count no more."""

    folder: Path

    def apply(self) -> None:
        """Write it."""
        credentials.write_revocations(self.folder)


@dataclass(frozen=True)
class MakeLogin:
    """Make the dashboard's password."""

    folder: Path
    user: str

    def apply(self) -> None:
        """Make it."""
        credentials.make_login(self.folder, self.user)


def plan_certificates(inventory: Inventory, facts: Facts) -> Stage:
    """Make what is missing, about to expire, or made for something else."""
    return Stage.of("certificates", _steps(inventory, facts))


def service_names(inventory: Inventory) -> frozenset[str]:
    """Return the names under which scheduler and dashboard are reached."""
    return frozenset({inventory.manager.address, "scheduler", "localhost", "127.0.0.1"})


def _steps(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    folder = inventory.state_folder
    user = inventory.dashboard.user
    why = _flaw(facts, AUTHORITY, frozenset())
    new_authority = why is not None
    if why:
        yield Step(HERE, "make a certificate authority", why, MakeAuthority(folder))
    for role, names in ((SERVICE, service_names(inventory)), (CLIENT, frozenset[str]())):
        why = "the authority is new" if new_authority else _flaw(facts, role, names)
        if why:
            what = f"issue the {role}'s certificate"
            yield Step(HERE, what, why, IssueCertificate(folder, role, names))
    if new_authority or not facts.credentials.revocations:
        why = "the authority is new" if new_authority else "it does not say who has left"
        what = "write the list of revoked certificates"
        yield Step(HERE, what, why, WriteRevocations(folder))
    if facts.credentials.dashboard_user != user:
        found = facts.credentials.dashboard_user
        why = f"the login is for {found}" if found else "there is none"
        yield Step(HERE, f"make the dashboard's login for {user}", why, MakeLogin(folder, user))


def _flaw(facts: Facts, role: str, names: frozenset[str]) -> str | None:
    """Return why a role needs a new certificate, or None."""
    certificate = facts.credentials.certificates.get(role)
    if certificate is None:
        return "there is none"
    if not certificate.trusted:
        return "it does not match its key or the authority"
    if certificate.expires - facts.now < RENEWED_BEFORE_EXPIRY:
        return f"it ends on {certificate.expires:%Y-%m-%d}"
    if unnamed := names - certificate.names:
        return f"it does not name {', '.join(sorted(unnamed))}"
    return None
