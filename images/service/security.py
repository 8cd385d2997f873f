"""Who is let in: whoever the cluster's authority has signed and not revoked."""

import ssl
from typing import Any

from distributed import Security

REVOKED = "/run/secrets/revoked.pem"


class Guarded(Security):
    """Dask's security, and the authority's list of the certificates that count no more.

    Workers listen as the scheduler does, so both need it.
    """

    def get_listen_args(self, role: str) -> dict[str, Any]:
        """Return what a server of this role listens with."""
        arguments: dict[str, Any] = super().get_listen_args(role)
        context: ssl.SSLContext = arguments["ssl_context"]
        context.load_verify_locations(REVOKED)
        context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF
        return arguments
