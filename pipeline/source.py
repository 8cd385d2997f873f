"""The package's own source, which must be the same wherever a run goes."""

from hashlib import sha256
from pathlib import Path


def fingerprint(mark: str = "") -> str:
    """Return a fingerprint of the package's files, or of those that contain a mark."""
    texts = (file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py")))
    return sha256(b"".join(text for text in texts if mark.encode() in text)).hexdigest()[:12]
