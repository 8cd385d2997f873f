"""What this machine keeps of a cluster: authority, certificates, keys, the dashboard's password.

All of it lives in one folder that only its owner may read (0700, files 0600). Dask trusts whatever
the authority has signed and not revoked, so the authority signs only what is made here.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cluster.digest import short_digest
from cluster.errors import ClusterError
from cluster.local import signing
from cluster.local.private_files import make_private, write_private

AUTHORITY, SERVICE, CLIENT = "authority", "service", "client"
ROLES = (AUTHORITY, SERVICE, CLIENT)
YEAR = timedelta(days=365)
LIFETIME: Mapping[str, timedelta] = {AUTHORITY: 10 * YEAR, SERVICE: YEAR, CLIENT: YEAR}
CERTIFICATE: Mapping[str, str] = {AUTHORITY: "ca.pem", SERVICE: "cert.pem", CLIENT: "client.pem"}
KEY: Mapping[str, str] = {AUTHORITY: "ca-key.pem", SERVICE: "key.pem", CLIENT: "client-key.pem"}
DASHBOARD = "dashboard"
REVOKED = "revoked.pem"
USERS, FORMER_USERS = "users", "former-users"
SECRET_FILES: Mapping[str, str] = {
    "ca": CERTIFICATE[AUTHORITY],
    "cert": CERTIFICATE[SERVICE],
    "key": KEY[SERVICE],
    "revoked": REVOKED,
    "dashboard": DASHBOARD,
}
_PASSWORD_BYTES = 18

Users = Mapping[str, signing.Certificate]


@dataclass(frozen=True)
class CertificateFacts:
    """A certificate on this machine.

    `names` are those it is valid for; `trusted` says whether its key is there and the authority
    has signed it.
    """

    expires: datetime
    names: frozenset[str]
    trusted: bool


@dataclass(frozen=True)
class Credentials:
    """What the state folder holds: certificates by role, the dashboard's user, digests of secrets.

    `authority` is the authority's identity, None if there is none; `revocations` says whether its
    list of revoked certificates is there and names all of the former users. `digests` has an entry
    for each file that becomes a secret and is there.
    """

    folder: Path
    certificates: Mapping[str, CertificateFacts]
    dashboard_user: str | None
    digests: Mapping[str, str]
    authority: str | None = None
    revocations: bool = False


@dataclass(frozen=True)
class Login:
    """Who may see the dashboard."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Authority:
    """Who signs: a certificate and its key."""

    certificate: signing.Certificate
    key: signing.Key = field(repr=False)


def inspect(folder: Path) -> Credentials:
    """Read what the folder holds; nothing secret is in the answer but digests."""
    authority = _certificate(folder, AUTHORITY)
    found = {role: _facts(folder, role, authority) for role in ROLES}
    login = read_login(folder)
    contents = {kind: content(folder / file) for kind, file in SECRET_FILES.items()}
    return Credentials(
        folder=folder,
        certificates={role: facts for role, facts in found.items() if facts},
        dashboard_user=login.user if login else None,
        digests={kind: short_digest([data]) for kind, data in contents.items() if data},
        authority=signing.identity_of(authority) if authority else None,
        revocations=authority is not None and _all_are_revoked(folder, authority),
    )


def make_authority(folder: Path) -> None:
    """Make a new authority, with the key of the one that is there, or else a new one.

    With the same key, what it has signed stays trusted; with another one, nothing does.
    """
    key = signing.key_from(content(folder / KEY[AUTHORITY])) or signing.new_key()
    certificate = signing.authority_of(key, LIFETIME[AUTHORITY])
    _write_pair(folder, AUTHORITY, certificate, key)


def issue(folder: Path, role: str, names: Iterable[str]) -> None:
    """Issue a certificate for a role, valid for `names`, signed by the folder's authority."""
    authority = read_authority(folder)
    key = signing.new_key()
    certificate = signing.signed(
        authority.certificate,
        authority.key,
        f"dask-swarm {role}",
        key,
        LIFETIME[role],
        names if role == SERVICE else None,
    )
    _write_pair(folder, role, certificate, key)


def write_revocations(folder: Path) -> None:
    """Write the authority's list of the certificates that count no more: the former users'."""
    authority = read_authority(folder)
    serials = _former_serials(folder, authority.certificate)
    revoked = signing.revocations(authority.certificate, authority.key, serials)
    _keep(folder / REVOKED, signing.certificate_text(revoked))


def read_authority(folder: Path) -> Authority:
    """Read the folder's authority; raise ClusterError if it has none."""
    certificate = _certificate(folder, AUTHORITY)
    key = signing.key_from(content(folder / KEY[AUTHORITY]))
    if certificate is None or key is None:
        raise ClusterError(
            f"{folder} holds no certificate authority; run `python -m cluster up` on this machine"
        )
    return Authority(certificate, key)


def make_login(folder: Path, user: str) -> None:
    """Make a new password for the dashboard's user."""
    _keep(folder / DASHBOARD, f"{user}:{secrets.token_urlsafe(_PASSWORD_BYTES)}".encode())


def read_login(folder: Path) -> Login | None:
    """Read the dashboard's login; None when there is none."""
    text = content(folder / DASHBOARD)
    if not text:
        return None
    user, _, password = text.decode().partition(":")
    return Login(user, password.strip())


def forget(folder: Path, *, authority: bool) -> None:
    """Remove the certificates, so that new ones are made; with `authority`, its own and key too."""
    gone = [CERTIFICATE[SERVICE], CERTIFICATE[CLIENT]]
    if authority:
        gone += [CERTIFICATE[AUTHORITY], KEY[AUTHORITY]]
    for file in gone:
        (folder / file).unlink(missing_ok=True)


def remove(folder: Path) -> None:
    """Remove everything that was made here, and the folder if nothing else is in it."""
    for file in {*CERTIFICATE.values(), *KEY.values(), DASHBOARD, REVOKED}:
        (folder / file).unlink(missing_ok=True)
    for users in (folder / USERS, folder / FORMER_USERS):
        for certificate in users.glob("*.pem"):
            certificate.unlink()
    for each in (folder / USERS, folder / FORMER_USERS, folder):
        if each.is_dir() and not any(each.iterdir()):
            each.rmdir()


def content(path: Path) -> bytes | None:
    """Return what a file holds, None if it is not there."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def certificates_in(folder: Path, authority: signing.Certificate) -> Users:
    """Read the certificates in a folder that an authority has signed, by their files' names."""
    found = {
        file.stem: signing.certificate_from(content(file)) for file in sorted(folder.glob("*.pem"))
    }
    return {
        name: certificate
        for name, certificate in found.items()
        if certificate and signing.is_signed_by(certificate, authority)
    }


def _former_serials(folder: Path, authority: signing.Certificate) -> set[int]:
    former = certificates_in(folder / FORMER_USERS, authority)
    return {certificate.serial_number for certificate in former.values()}


def _all_are_revoked(folder: Path, authority: signing.Certificate) -> bool:
    revoked = signing.revocations_from(content(folder / REVOKED))
    if revoked is None or not signing.is_of(revoked, authority):
        return False
    return {entry.serial_number for entry in revoked} == _former_serials(folder, authority)


def _facts(
    folder: Path, role: str, authority: signing.Certificate | None
) -> CertificateFacts | None:
    certificate = _certificate(folder, role)
    if certificate is None:
        return None
    key = signing.key_from(content(folder / KEY[role]))
    return CertificateFacts(
        expires=certificate.not_valid_after_utc,
        names=signing.names_of(certificate),
        trusted=key is not None
        and key.public_key() == certificate.public_key()
        and authority is not None
        and signing.is_signed_by(certificate, authority),
    )


def _certificate(folder: Path, role: str) -> signing.Certificate | None:
    return signing.certificate_from(content(folder / CERTIFICATE[role]))


def _write_pair(
    folder: Path, role: str, certificate: signing.Certificate, key: signing.Key
) -> None:
    _keep(folder / KEY[role], signing.key_text(key))
    _keep(folder / CERTIFICATE[role], signing.certificate_text(certificate))


def _keep(path: Path, data: bytes) -> None:
    make_private(path.parent)
    write_private(path, data)
