"""Sixteen bytes that stand for a content. Lean: what has nothing to work out imports this alone."""

try:
    from _blake2 import blake2b  # `hashlib` has the same one, after loading OpenSSL, which takes milliseconds
except ImportError:  # another interpreter
    from hashlib import blake2b

__all__ = ["SIZE", "blake2b", "digest"]

SIZE = 16  # bytes


def digest(content: bytes) -> bytes:
    """The digest of *content*: sixteen bytes."""
    return blake2b(content, digest_size=SIZE).digest()
