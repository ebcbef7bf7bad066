"""Host keys: made once, kept in the state directory."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import asyncssh

from iosemu.server import durable

ALGORITHMS = ("ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256")
"""Key types every lab has; ssh-rsa (2048 bits) also serves rsa-sha2-256 and -512."""


def host_keys(directory: Path) -> list[asyncssh.SSHKey]:
    """The keys kept in `directory`, made now where they are missing or unreadable.

    Raises OSError when the directory cannot be written.
    """
    durable.make_directories(directory)
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
    durable.write_file(path, key.export_private_key("pkcs8-pem"))
    return key
