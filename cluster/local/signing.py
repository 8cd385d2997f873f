"""X.509: what an authority signs, as values; nothing is read or written here.

Keys are of the curve P-256. Every certificate names its purpose, so that a client's cannot play the
server.
"""

import ipaddress
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cluster.digest import short_digest

_CLOCK_SKEW = timedelta(minutes=10)
_PEM = serialization.Encoding.PEM

T = TypeVar("T")

Key = ec.EllipticCurvePrivateKey
Certificate = x509.Certificate
Revocations = x509.CertificateRevocationList


def new_key() -> Key:
    """Make a private key."""
    return ec.generate_private_key(ec.SECP256R1())


def authority_of(key: Key, lifetime: timedelta) -> Certificate:
    """Return the certificate of an authority that has this key, signed by itself."""
    name = _named("dask-swarm authority")
    return (
        _builder(name, name, key.public_key(), lifetime)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def signed(
    authority: Certificate,
    authority_key: Key,
    subject: str,
    key: Key,
    lifetime: timedelta,
    names: Iterable[str] | None = None,
) -> Certificate:
    """Return a certificate for `key`, called `subject`, signed by an authority.

    `names` are the host names and addresses of a server; None makes it a client's alone. A
    server's serves as a client's, too, since workers connect to each other.
    """
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH]
    if names is not None:
        purposes.append(ExtendedKeyUsageOID.SERVER_AUTH)
    builder = (
        _builder(_named(subject), authority.subject, key.public_key(), lifetime)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
    )
    if alternatives := [_general_name(name) for name in sorted(names or ())]:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return builder.sign(authority_key, hashes.SHA256())


def revocations(authority: Certificate, authority_key: Key, serials: Iterable[int]) -> Revocations:
    """Return the authority's list of the certificates, by serial number, that count no more.

    It is good for as long as the authority is (RFC 5280, section 5).
    """
    now = datetime.now(UTC)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.subject)
        .last_update(now - _CLOCK_SKEW)
        .next_update(authority.not_valid_after_utc)
    )
    for serial in sorted(serials):
        revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now)
        builder = builder.add_revoked_certificate(revoked.build())
    return builder.sign(authority_key, hashes.SHA256())


def is_signed_by(certificate: Certificate, authority: Certificate) -> bool:
    """Whether an authority has signed a certificate."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def is_of(revoked: Revocations, authority: Certificate) -> bool:
    """Whether a list of revoked certificates is this authority's."""
    key = authority.public_key()
    return isinstance(key, ec.EllipticCurvePublicKey) and revoked.is_signature_valid(key)


def names_of(certificate: Certificate) -> frozenset[str]:
    """Return the host names and addresses that a certificate is valid for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    addresses = names.get_values_for_type(x509.IPAddress)
    return frozenset([*names.get_values_for_type(x509.DNSName), *map(str, addresses)])


def identity_of(certificate: Certificate) -> str:
    """Return a short digest of a certificate's public key: it outlives a renewal."""
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return short_digest([certificate.public_key().public_bytes(serialization.Encoding.DER, spki)])


def key_text(key: Key) -> bytes:
    """Return a private key as PEM, not encrypted: where it is kept, only its owner can read."""
    private = serialization.PrivateFormat.PKCS8
    return key.private_bytes(_PEM, private, serialization.NoEncryption())


def certificate_text(signed: Certificate | Revocations) -> bytes:
    """Return a certificate, or a list of revoked ones, as PEM."""
    return signed.public_bytes(_PEM)


def certificate_from(text: bytes | None) -> Certificate | None:
    """Return the certificate that a PEM text holds; None if there is none in it."""
    return _loaded(x509.load_pem_x509_certificate, text)


def revocations_from(text: bytes | None) -> Revocations | None:
    """Return the list of revoked certificates that a PEM text holds; None if there is none."""
    return _loaded(x509.load_pem_x509_crl, text)


def key_from(text: bytes | None) -> Key | None:
    """Return the private key that a PEM text holds; None if there is none of our kind in it."""
    key = _loaded(partial(serialization.load_pem_private_key, password=None), text)
    return key if isinstance(key, Key) else None


def _loaded(load: Callable[[bytes], T], text: bytes | None) -> T | None:
    try:
        return load(text) if text else None
    except ValueError:
        return None


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


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


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
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
