"""A private certificate authority, the certificates it issues, and the dashboard's password.

All of it lives in one folder that only its owner may read (0700, files 0600). Dask trusts whatever
the authority has signed, so the authority signs only what is made here.
"""

import ipaddress
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cluster.digest import short_digest
from cluster.errors import ClusterError
from cluster.local.private_files import make_private, write_private

AUTHORITY, SERVICE, CLIENT = "authority", "service", "client"
ROLES = (AUTHORITY, SERVICE, CLIENT)
LIFETIME: Mapping[str, timedelta] = {
    AUTHORITY: timedelta(days=3650),
    SERVICE: timedelta(days=365),
    CLIENT: timedelta(days=365),
}
CERTIFICATE: Mapping[str, str] = {AUTHORITY: "ca.pem", SERVICE: "cert.pem", CLIENT: "client.pem"}
KEY: Mapping[str, str] = {AUTHORITY: "ca-key.pem", SERVICE: "key.pem", CLIENT: "client-key.pem"}
DASHBOARD = "dashboard"
SECRET_FILES: Mapping[str, str] = {
    "ca": CERTIFICATE[AUTHORITY],
    "cert": CERTIFICATE[SERVICE],
    "key": KEY[SERVICE],
    "dashboard": DASHBOARD,
}
_CLOCK_SKEW = timedelta(minutes=10)
_PASSWORD_BYTES = 18


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

    `digests` has an entry for each file that becomes a secret and is there.
    """

    folder: Path
    certificates: Mapping[str, CertificateFacts]
    dashboard_user: str | None
    digests: Mapping[str, str]


@dataclass(frozen=True)
class Login:
    """Who may see the dashboard."""

    user: str
    password: str = field(repr=False)


def inspect(folder: Path) -> Credentials:
    """Read what the folder holds; nothing secret is in the answer but digests."""
    authority = _certificate(folder / CERTIFICATE[AUTHORITY])
    found = {role: _facts(folder, role, authority) for role in ROLES}
    login = read_login(folder)
    contents = {kind: _content(folder / file) for kind, file in SECRET_FILES.items()}
    return Credentials(
        folder=folder,
        certificates={role: facts for role, facts in found.items() if facts},
        dashboard_user=login.user if login else None,
        digests={kind: short_digest([data]) for kind, data in contents.items() if data},
    )


def make_authority(folder: Path) -> None:
    """Make a new authority; certificates of an older one are no longer trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dask-swarm authority")])
    certificate = (
        _builder(name, name, key.public_key(), LIFETIME[AUTHORITY])
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_pair(folder, AUTHORITY, certificate, key)


def issue(folder: Path, role: str, names: Iterable[str]) -> None:
    """Issue a certificate for a role, valid for `names`, signed by the folder's authority.

    The service's certificate also serves as a client's, since workers connect to each other.
    """
    authority = _certificate(folder / CERTIFICATE[AUTHORITY])
    authority_key = _key(folder / KEY[AUTHORITY])
    if authority is None or authority_key is None:
        raise ClusterError(f"{folder} holds no certificate authority; remove the folder and retry")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"dask-swarm {role}")])
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH]
    if role == SERVICE:
        purposes.append(ExtendedKeyUsageOID.SERVER_AUTH)
    builder = (
        _builder(name, authority.subject, key.public_key(), LIFETIME[role])
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
    )
    alternatives = [_general_name(name) for name in sorted(names)]
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    _write_pair(folder, role, builder.sign(authority_key, hashes.SHA256()), key)


def make_login(folder: Path, user: str) -> None:
    """Make a new password for the dashboard's user."""
    _keep(folder / DASHBOARD, f"{user}:{secrets.token_urlsafe(_PASSWORD_BYTES)}".encode())


def read_login(folder: Path) -> Login | None:
    """Read the dashboard's login; None when there is none."""
    content = _content(folder / DASHBOARD)
    if not content:
        return None
    user, _, password = content.decode().partition(":")
    return Login(user, password.strip())


def remove(folder: Path) -> None:
    """Remove everything that was made here, and the folder if nothing else is in it."""
    for file in {*CERTIFICATE.values(), *KEY.values(), DASHBOARD}:
        (folder / file).unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, lifetime: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _facts(folder: Path, role: str, authority: x509.Certificate | None) -> CertificateFacts | None:
    certificate = _certificate(folder / CERTIFICATE[role])
    if certificate is None:
        return None
    key = _key(folder / KEY[role])
    return CertificateFacts(
        expires=certificate.not_valid_after_utc,
        names=_names(certificate),
        trusted=key is not None
        and key.public_key() == certificate.public_key()
        and authority is not None
        and _signed_by(certificate, authority),
    )


def _signed_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _names(certificate: x509.Certificate) -> frozenset[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    addresses = names.get_values_for_type(x509.IPAddress)
    return frozenset([*names.get_values_for_type(x509.DNSName), *map(str, addresses)])


def _certificate(path: Path) -> x509.Certificate | None:
    data = _content(path)
    try:
        return x509.load_pem_x509_certificate(data) if data else None
    except ValueError:
        return None


def _key(path: Path) -> ec.EllipticCurvePrivateKey | None:
    data = _content(path)
    try:
        key = serialization.load_pem_private_key(data, password=None) if data else None
    except ValueError:
        return None
    return key if isinstance(key, ec.EllipticCurvePrivateKey) else None


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _write_pair(
    folder: Path, role: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> None:
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _keep(folder / KEY[role], private)
    _keep(folder / CERTIFICATE[role], certificate.public_bytes(pem))


def _keep(path: Path, content: bytes) -> None:
    make_private(path.parent)
    write_private(path, content)
