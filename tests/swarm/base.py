"""The image's base where no registry can be reached: a minimal Debian with Python.

It stands in for the official Python image, which the Dockerfile names by default. The machine's
own certificate authorities go with it, because pip may reach its index through a proxy of theirs.
"""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.swarm.daemon import Daemon, call

SUITE = "bookworm"
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
UNUSED = (
    "var/cache/apt",
    "var/lib/apt/lists",
    "usr/share/doc",
    "usr/share/locale",
    "usr/share/man",
)


def base(builder: Daemon) -> str:
    """The reference of the base image on `builder`, which makes it if this version is not there."""
    content = Path(__file__).read_bytes() + AUTHORITIES.read_bytes()
    reference = f"dask-swarm.invalid/base:{hashlib.sha256(content).hexdigest()[:12]}"
    if not builder.docker("images", "--quiet", reference):
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            _import(builder, Path(folder) / "root", reference)
    return reference


def _import(builder: Daemon, root: Path, reference: str) -> None:
    packages = "python3,python3-venv,ca-certificates"
    call("debootstrap", "--variant=minbase", f"--include={packages}", SUITE, str(root))
    shutil.copy(AUTHORITIES, root / AUTHORITIES.relative_to("/"))
    for path in UNUSED:
        shutil.rmtree(root / path)
    change = ("--change", f"ENV PIP_CERT={AUTHORITIES}")
    tar = subprocess.Popen(["tar", "-C", str(root), "-c", "."], stdout=subprocess.PIPE)
    builder.docker("import", *change, "-", reference, stdin=tar.stdout)
    if tar.wait():
        raise RuntimeError(f"tar of {root} ended with code {tar.returncode}")
