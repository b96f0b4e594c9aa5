"""Hashes for secrets that are long and random (tokens, links): one SHA-256 is enough, since nobody can try them all."""

from hashlib import sha256 as _sha256


def sha256(secret: str) -> str:
    """The hash as 64 hex digits."""
    return _sha256(secret.encode()).hexdigest()
