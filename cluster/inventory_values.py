"""What single values of an inventory may be: names, addresses, paths, ports, sizes, packages.

Each refuses what cannot work with what was expected instead.
"""

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, Field

from cluster.requirements import GOSSIP_PORT, NFS_PORT, SWARM_PORT
from cluster.sizes import MEBIBYTE, in_bytes, in_mebibytes

LEAST_MEMORY = 256 * MEBIBYTE
RESERVED_PORTS = {
    22: "SSH",
    NFS_PORT: "NFS",
    SWARM_PORT: "the swarm's manager",
    GOSSIP_PORT: "the swarm's gossip",
}


def _checked(pattern: str, expectation: str) -> AfterValidator:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"expected {expectation}, got {text!r}")
        return text

    return AfterValidator(check)


def _free_port(port: int) -> int:
    if port in RESERVED_PORTS:
        raise ValueError(f"{port} is the port of {RESERVED_PORTS[port]}; choose another")
    return port


def _enough(size: str) -> str:
    if in_bytes(size) < LEAST_MEMORY:
        least = in_mebibytes(LEAST_MEMORY)
        raise ValueError(f"expected at least {least}, which Python with Dask needs, got {size}")
    return size


Name = Annotated[str, _checked(r"[a-z][a-z0-9-]{0,31}", "lower-case letters, digits and dashes")]
Host = Annotated[str, _checked(r"[A-Za-z0-9][A-Za-z0-9.:-]*", "an address or a host name")]
USER_NAME = r"[A-Za-z_][A-Za-z0-9_.-]*"
User = Annotated[str, _checked(USER_NAME, "a user name")]
AbsolutePath = Annotated[str, _checked(r"/[^\s:,]+", "an absolute path without blanks")]
Endpoint = Annotated[str, _checked(r"(ssh|unix)://\S+", "ssh://user@host or unix:///path")]
Memory = Annotated[
    str, _checked(r"[1-9]\d*(\.\d+)?[MG]", "a size such as 900M or 4G"), AfterValidator(_enough)
]
REQUIREMENT = r"[A-Za-z0-9][^@#\n]*"
A_REQUIREMENT = "a package as the index calls it, such as 'dask-ml>=2025.1'"
Requirement = Annotated[str, _checked(REQUIREMENT, A_REQUIREMENT)]
Count = Annotated[int, Field(ge=1)]
Quantity = Annotated[float, Field(gt=0, allow_inf_nan=False)]
ResourceName = Annotated[str, _checked(r"[A-Za-z_][A-Za-z0-9_.-]*", "a name such as GPU")]
Mtu = Annotated[int, Field(ge=1280, le=9216)]
Port = Annotated[int, Field(ge=1, le=65535), AfterValidator(_free_port)]


def bracketed(address: str) -> str:
    """Return `address` as a URL writes it: an IPv6 address in brackets, anything else unchanged."""
    try:
        return f"[{address}]" if ipaddress.ip_address(address).version == 6 else address  # noqa: PLR2004
    except ValueError:
        return address
