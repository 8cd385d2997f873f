"""Invitations: one file lets a person in, until it is taken back."""

import json
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from distributed import Security

from cluster.errors import ClusterError
from cluster.inventory import Inventory
from cluster.local import credentials, users
from cluster.local.credentials import SERVICE
from tests.tls import shake_hands

NAMES = frozenset({"localhost", "127.0.0.1", "scheduler"})


@pytest.fixture(autouse=True)
def _served(cluster: Inventory) -> None:
    """Its service has a certificate, and a list of the revoked ones."""
    credentials.issue(cluster.state_folder, SERVICE, NAMES)
    credentials.write_revocations(cluster.state_folder)


def invitation(path: Path) -> dict:
    """What Dask reads of an invitation, and what of it is of the client."""
    heading, _, text = path.read_text().partition("\n")
    assert heading.startswith("#")
    return json.loads(text)


def connects(cluster: Inventory, path: Path) -> bool:
    """Whether the cluster's service lets the holder of an invitation in, as Dask connects."""
    tls = invitation(path)["distributed"]["comm"]["tls"]
    security = Security(
        tls_ca_file=tls["ca-file"],
        tls_client_cert=tls["client"]["cert"],
        tls_client_key=tls["client"]["key"],
        require_encryption=True,
    )
    folder = cluster.state_folder
    listening = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=folder / "ca.pem")
    listening.verify_mode = ssl.CERT_REQUIRED
    listening.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    listening.load_verify_locations(folder / "revoked.pem")
    listening.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return shake_hands(listening, security.get_connection_args("client")["ssl_context"])


def test_an_invitation_is_one_private_file_that_lets_its_holder_in(cluster, tmp_path):
    """It names scheduler and dashboard, and its key is nowhere on this machine."""
    path = tmp_path / "ana.yaml"
    users.invite(cluster, "ana", path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = invitation(path)
    assert found["scheduler-address"] == "tls://10.0.0.10:8786"
    assert found["distributed"]["dashboard"]["link"] == "https://10.0.0.10:8787/status"
    assert connects(cluster, path)
    key = found["distributed"]["comm"]["tls"]["client"]["key"].encode()
    kept = [file for file in cluster.state_folder.rglob("*") if file.is_file()]
    assert not any(key in file.read_bytes() for file in kept)


def test_who_was_taken_back_is_refused_and_all_others_are_not(cluster, tmp_path):
    """Once the list of revoked certificates is written, which the plan does."""
    for name in ("ana", "ben"):
        users.invite(cluster, name, tmp_path / f"{name}.yaml")
    users.revoke(cluster.state_folder, "ana")
    assert not credentials.inspect(cluster.state_folder).revocations
    credentials.write_revocations(cluster.state_folder)
    assert credentials.inspect(cluster.state_folder).revocations
    assert not connects(cluster, tmp_path / "ana.yaml")
    assert connects(cluster, tmp_path / "ben.yaml")
    listed = {user.name: user.admitted for user in users.list_users(cluster.state_folder)}
    assert listed == {"ana": False, "ben": True}


def test_a_lost_list_of_revoked_certificates_lets_nobody_back_in(cluster, tmp_path):
    """It is written again with all who have left."""
    users.invite(cluster, "ana", tmp_path / "ana.yaml")
    users.revoke(cluster.state_folder, "ana")
    (cluster.state_folder / "revoked.pem").unlink()
    credentials.write_revocations(cluster.state_folder)
    assert not connects(cluster, tmp_path / "ana.yaml")


def test_who_was_taken_back_can_be_invited_again(cluster, tmp_path):
    """With the new invitation, not with the old one."""
    users.invite(cluster, "ana", tmp_path / "old.yaml")
    users.revoke(cluster.state_folder, "ana")
    users.invite(cluster, "ana", tmp_path / "new.yaml")
    credentials.write_revocations(cluster.state_folder)
    assert not connects(cluster, tmp_path / "old.yaml")
    assert connects(cluster, tmp_path / "new.yaml")


def test_what_cannot_be_is_refused(cluster, tmp_path):
    """A second invitation, a file that is there, and somebody who is not admitted."""
    path = tmp_path / "ana.yaml"
    users.invite(cluster, "ana", path)
    with pytest.raises(ClusterError, match=r"ana\.yaml is there already"):
        users.invite(cluster, "ben", path)
    with pytest.raises(ClusterError, match="ana is invited already"):
        users.invite(cluster, "ana", tmp_path / "other.yaml")
    with pytest.raises(ClusterError, match="ben is not admitted; these are: ana"):
        users.revoke(cluster.state_folder, "ben")
    assert not (tmp_path / "other.yaml").exists()


def test_an_invitation_is_a_clients_and_ends(cluster, tmp_path):
    """It cannot play the scheduler, and is good for a year."""
    users.invite(cluster, "ana", tmp_path / "ana.yaml")
    text = invitation(tmp_path / "ana.yaml")["distributed"]["comm"]["tls"]["client"]["cert"]
    certificate = x509.load_pem_x509_certificate(text.encode())
    purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [x509.ExtendedKeyUsageOID.CLIENT_AUTH]
    left = certificate.not_valid_after_utc - datetime.now(UTC)
    assert timedelta(days=364) < left < timedelta(days=366)


def test_an_authority_without_a_key_invites_nobody(cluster, tmp_path):
    """The remedy is `up`, which makes one."""
    credentials.forget(cluster.state_folder, authority=True)
    with pytest.raises(ClusterError, match="no certificate authority"):
        users.invite(cluster, "ana", tmp_path / "ana.yaml")
    assert users.list_users(cluster.state_folder) == []


def test_a_file_that_is_no_certificate_is_nobody(cluster):
    """Whatever lies in the folder."""
    folder = cluster.state_folder / "users"
    folder.mkdir()
    (folder / "eve.pem").write_text("nothing")
    assert users.list_users(cluster.state_folder) == []


def test_down_removes_the_users_too(cluster, tmp_path):
    """The folder goes, if nothing else is in it."""
    for name in ("ana", "ben"):
        users.invite(cluster, name, tmp_path / f"{name}.yaml")
    users.revoke(cluster.state_folder, "ana")
    credentials.remove(cluster.state_folder)
    assert not cluster.state_folder.exists()
