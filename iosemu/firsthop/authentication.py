"""How routers of a group prove that they belong to it: a clear text, or MD5 with a key around the message."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from iosemu.routing.keys import Key, Keys


@dataclass(frozen=True, slots=True)
class SingleKey:
    """`key-string`: one key, number 0."""

    secret: bytes
    before: bytes | None = None
    """The one that it took the place of a short while ago: others may have it still."""

    def sending(self) -> Key | None:
        """The key."""
        return Key(0, self.secret)

    def accepting(self) -> Iterable[Key]:
        """The key, and the one before."""
        return tuple(Key(0, each) for each in (self.secret, self.before) if each is not None)


def keyed_md5(secret: bytes, message: bytes) -> bytes:
    """The digest of a message with the key before and behind it (RFC 1828 section 3).

    The key before the message is filled up to a block as MD5 itself fills up.
    """
    key = secret[:55]
    fill = key + b"\x80" + bytes(55 - len(key)) + (len(key) * 8).to_bytes(8, "little")
    return hashlib.md5(fill + message + key, usedforsecurity=False).digest()


def verified(keys: Keys, number: int, message: bytes, digest: bytes) -> bool:
    """Whether one of the keys that are believed made a digest; `message` has zeros in its place."""
    return any(
        key.number == number and hmac.compare_digest(keyed_md5(key.secret, message), digest)
        for key in keys.accepting()
    )
