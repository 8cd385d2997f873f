"""Who else may use the cluster: a certificate for each, and the list of those taken back.

An invitation is one file: Dask's configuration with the certificate and its key in it. The key is
nowhere else; this machine keeps the certificate, so that it can be listed and revoked.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cluster.errors import ClusterError
from cluster.inventory import Inventory
from cluster.local import credentials, dask_config, signing
from cluster.local.credentials import (
    AUTHORITY,
    CERTIFICATE,
    CLIENT,
    FORMER_USERS,
    LIFETIME,
    USERS,
)
from cluster.local.private_files import make_private, write_private


@dataclass(frozen=True)
class User:
    """Somebody who was invited: until when the certificate is good, and whether it was revoked."""

    name: str
    expires: datetime
    revoked: bool

    @property
    def admitted(self) -> bool:
        """Whether the cluster lets this user in now."""
        return not self.revoked and self.expires > datetime.now(UTC)


def invite(inventory: Inventory, name: str, path: Path) -> None:
    """Write an invitation for `name` to `path`, which only this user can read.

    Raises ClusterError if the file is there, or somebody of that name is admitted already.
    """
    folder = inventory.state_folder
    if path.exists():
        raise ClusterError(f"{path} is there already; name another file with --output")
    if name in _admitted(folder):
        raise ClusterError(
            f"{name} is invited already; take that back first: python -m cluster revoke {name}"
        )
    authority = credentials.read_authority(folder)
    key = signing.new_key()
    certificate = signing.signed(authority.certificate, authority.key, name, key, LIFETIME[CLIENT])
    text = signing.certificate_text(certificate)
    make_private(folder / USERS)
    write_private(_file(folder, name), text)
    document = dask_config.document(
        inventory,
        authority=signing.certificate_text(authority.certificate).decode(),
        certificate=text.decode(),
        key=signing.key_text(key).decode(),
    )
    heading = f"# {name}'s key to the cluster {inventory.name}: keep it in ~/.config/dask"
    write_private(path, f"{heading}\n{json.dumps(document, indent=2)}\n".encode())


def revoke(folder: Path, name: str) -> None:
    """Make a user a former one; the list of revoked certificates is written by `up`.

    Raises ClusterError if nobody of that name is admitted.
    """
    if name not in (admitted := _admitted(folder)):
        raise ClusterError(f"{name} is not admitted; these are: {', '.join(admitted) or 'nobody'}")
    file = _file(folder, name)
    authority = credentials.read_authority(folder).certificate
    serial = credentials.certificates_in(file.parent, authority)[name].serial_number
    former = folder / FORMER_USERS
    make_private(former)
    file.rename(former / f"{name}.{serial:x}.pem")


def list_users(folder: Path) -> list[User]:
    """Return all who were invited under the authority that is there now; former ones come last."""
    authority = signing.certificate_from(credentials.content(folder / CERTIFICATE[AUTHORITY]))
    return list(_users(folder, authority)) if authority else []


def _admitted(folder: Path) -> list[str]:
    return [user.name for user in list_users(folder) if user.admitted]


def _users(folder: Path, authority: signing.Certificate) -> Iterator[User]:
    for place in (USERS, FORMER_USERS):
        for name, found in credentials.certificates_in(folder / place, authority).items():
            expires, revoked = found.not_valid_after_utc, place == FORMER_USERS
            yield User(name.rpartition(".")[0] if revoked else name, expires, revoked)


def _file(folder: Path, name: str) -> Path:
    return folder / USERS / f"{name}.pem"
