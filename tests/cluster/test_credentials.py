"""The private authority: what it issues is accepted, all else refused, and nobody reads it."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cluster.errors import ClusterError
from cluster.local import credentials
from cluster.local.credentials import AUTHORITY, CERTIFICATE, CLIENT, KEY, ROLES, SERVICE
from tests import tls

NAMES = frozenset({"localhost", "127.0.0.1", "scheduler"})


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "state"
    credentials.make_authority(folder)
    credentials.issue(folder, SERVICE, NAMES)
    credentials.issue(folder, CLIENT, ())
    credentials.write_revocations(folder)
    credentials.make_login(folder, "ana")
    return folder


def shake_hands(server: Path, client: Path, role: str) -> bool:
    """Whether mutual TLS succeeds between a server's and a client's folder."""
    listening = ssl.create_default_context(
        ssl.Purpose.CLIENT_AUTH, cafile=server / CERTIFICATE[AUTHORITY]
    )
    listening.verify_mode = ssl.CERT_REQUIRED
    listening.load_cert_chain(server / CERTIFICATE[SERVICE], server / KEY[SERVICE])
    connecting = ssl.create_default_context(cafile=client / CERTIFICATE[AUTHORITY])
    connecting.verify_flags |= ssl.VERIFY_X509_STRICT
    connecting.load_cert_chain(client / CERTIFICATE[role], client / KEY[role])
    return tls.shake_hands(listening, connecting)


@pytest.mark.parametrize("role", [SERVICE, CLIENT])
def test_what_the_authority_issued_is_accepted_by_strict_verification(folder, role):
    """Both the services, which connect to each other, and the client."""
    assert shake_hands(folder, folder, role)


def test_a_certificate_of_another_authority_is_refused(folder, tmp_path):
    """Neither as a client nor as a server."""
    other = tmp_path / "other"
    credentials.make_authority(other)
    credentials.issue(other, SERVICE, NAMES)
    (other / CERTIFICATE[AUTHORITY]).write_bytes((folder / CERTIFICATE[AUTHORITY]).read_bytes())
    assert not shake_hands(folder, other, SERVICE)
    assert not shake_hands(other, folder, CLIENT)


def test_the_clients_certificate_is_no_servers(folder):
    """A stolen client certificate cannot pose as the scheduler."""
    (folder / CERTIFICATE[SERVICE]).write_bytes((folder / CERTIFICATE[CLIENT]).read_bytes())
    (folder / KEY[SERVICE]).write_bytes((folder / KEY[CLIENT]).read_bytes())
    assert not shake_hands(folder, folder, CLIENT)


def test_only_the_owner_can_read_the_folder_and_the_files(folder):
    """0700 and 0600, whatever the umask."""
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_folder_that_others_can_enter_is_refused_and_left_as_it_is(tmp_path):
    """A mistake in the inventory must not close /tmp to everybody else."""
    tmp_path.chmod(0o755)
    with pytest.raises(ClusterError, match="is open to other users"):
        credentials.make_authority(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o755
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_described_without_its_secrets(folder):
    """Names, ends, digests, the user; no key and no password."""
    found = credentials.inspect(folder)
    assert set(found.certificates) == set(ROLES)
    assert all(certificate.trusted for certificate in found.certificates.values())
    assert found.certificates[SERVICE].names == NAMES
    assert found.certificates[SERVICE].expires > datetime.now(UTC) + timedelta(days=300)
    assert found.dashboard_user == "ana"
    assert set(found.digests) == {"ca", "cert", "key", "revoked", "dashboard"}
    password = (folder / "dashboard").read_text().partition(":")[2]
    assert len(password) >= 24
    assert password not in repr(found)


def test_an_authority_is_renewed_with_the_key_it_has(folder):
    """So that whose the cluster is stays known, and what it has issued stays good."""
    before, text = credentials.inspect(folder), (folder / CERTIFICATE[AUTHORITY]).read_bytes()
    credentials.make_authority(folder)
    assert (folder / CERTIFICATE[AUTHORITY]).read_bytes() != text
    assert credentials.inspect(folder).authority == before.authority
    assert shake_hands(folder, folder, CLIENT)


def test_a_new_authority_ends_the_trust_in_what_the_old_one_issued(folder):
    """Until it is issued again."""
    before, issued = credentials.inspect(folder), (folder / CERTIFICATE[CLIENT]).read_bytes()
    credentials.forget(folder, authority=True)
    credentials.make_authority(folder)
    assert credentials.inspect(folder).authority != before.authority
    (folder / CERTIFICATE[CLIENT]).write_bytes(issued)
    assert not credentials.inspect(folder).certificates[CLIENT].trusted
    credentials.issue(folder, CLIENT, ())
    assert credentials.inspect(folder).certificates[CLIENT].trusted


def test_a_certificate_that_does_not_fit_its_key_is_not_trusted(folder):
    """As after half of a copy."""
    (folder / KEY[CLIENT]).write_bytes((folder / KEY[SERVICE]).read_bytes())
    assert not credentials.inspect(folder).certificates[CLIENT].trusted


@pytest.mark.parametrize("damage", [b"", b"no certificate"])
def test_damaged_files_count_as_missing(folder, damage):
    """They are made again."""
    (folder / CERTIFICATE[CLIENT]).write_bytes(damage)
    assert CLIENT not in credentials.inspect(folder).certificates


def test_nothing_is_issued_without_an_authority(tmp_path):
    """One sentence says where."""
    with pytest.raises(ClusterError, match="no certificate authority"):
        credentials.issue(tmp_path, CLIENT, ())


def test_remove_leaves_nothing_of_its_own_and_nothing_else_touched(folder):
    """A file of the user keeps the folder."""
    (folder / "mine").touch()
    credentials.remove(folder)
    assert [path.name for path in folder.iterdir()] == ["mine"]
