"""Host keys: made once, kept in the state directory."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import asyncssh

ALGORITHMS = ("ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256")
"""Key types every lab has; ssh-rsa (2048 bits) also serves rsa-sha2-256 and -512."""


def host_keys(directory: Path) -> list[asyncssh.SSHKey]:
    """The keys kept in `directory`, made now where they are missing or unreadable.

    Raises OSError when the directory cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    return [_key(directory / f"{algorithm}.pem", algorithm) for algorithm in ALGORITHMS]


@cache
def temporary_keys() -> list[asyncssh.SSHKey]:
    """Keys of this process alone, for labs that leave nothing behind."""
    return [asyncssh.generate_private_key(algorithm) for algorithm in ALGORITHMS]


def _key(path: Path, algorithm: str) -> asyncssh.SSHKey:
    try:
        return asyncssh.read_private_key(path)
    except (FileNotFoundError, asyncssh.KeyImportError):
        key = asyncssh.generate_private_key(algorithm)
    # Two labs may start at once: whoever is first wins, and the others use that key.
    temporary = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.export_private_key("pkcs8-pem"))
    temporary.replace(path)
    return key
