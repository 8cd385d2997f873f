"""Short names for content: the same bytes have the same name."""

from collections.abc import Iterable
from hashlib import sha256

DIGEST_CHARACTERS = 12


def short_digest(parts: Iterable[bytes]) -> str:
    """Return the first 12 hexadecimal digits of the SHA-256 of the parts, one after the other."""
    content = sha256()
    for part in parts:
        content.update(part)
    return content.hexdigest()[:DIGEST_CHARACTERS]


def short_id(image: str) -> str:
    """Return an image's id as Docker's listings show it: without `sha256:`, 12 digits."""
    return image.removeprefix("sha256:")[:DIGEST_CHARACTERS]
