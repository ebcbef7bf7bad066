"""Who may come in: accounts of students and teachers, their passwords and tokens kept as hashes alone.

Passwords are hashed by scrypt (RFC 7914) with a salt of their own. Tokens are 192 random bits, which nobody guesses:
SHA-256 is enough for them, and costs nothing when a whole class logs in at once.
"""

from __future__ import annotations

import asyncio
import base64
import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

import asyncssh
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from iosemu.lab.errors import LabError
from iosemu.server import durable

TOKEN = "iosemu-"  # noqa: S105 - how tokens begin
SHORTEST = 8
"""Signs of a password at least."""
LONGEST = 256
_COST, _BLOCK, _PARALLEL = 1 << 15, 8, 1
"""32 MB and some 60 ms for each try: what OWASP's Password Storage Cheat Sheet asks of scrypt with r=8, p=3 and less
memory, and what logins of one class can afford."""
CHECKING = 2
"""Passwords that are looked at the same time: who guesses does not take all cores. Tokens need no turn."""
REMEMBERED = 4096
"""Passwords that were right lately, as keyed hashes in memory: who comes again is not made to wait."""


@dataclass
class Account:
    """One login."""

    name: str
    role: str = "student"
    """`student` or `teacher`."""
    password: str = ""
    """`scrypt$COST$SALT$HASH`; empty: none."""
    tokens: dict[str, str] = field(default_factory=dict)
    """SHA-256 by label."""
    keys: list[str] = field(default_factory=list)
    """Public keys as OpenSSH writes them."""


class Identities(Protocol):
    """Who tells who somebody is. Beside the accounts of this file an OpenID Connect provider could be one."""

    async def password(self, name: str, secret: str) -> str | None:
        """The role of who has this password or token; None: it is wrong."""
        ...

    def public_key(self, name: str, key: asyncssh.SSHKey) -> str | None:
        """The role of who has this key; None: it is not known."""
        ...


def hashed(password: str) -> str:
    """A password as it is kept. Raises LabError for one that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise LabError(f"a password has {SHORTEST} to {LONGEST} signs")
    salt = secrets.token_bytes(16)
    made = _scrypt(salt, _COST).derive(password.encode())
    return f"scrypt${_COST}${base64.b64encode(salt).decode()}${base64.b64encode(made).decode()}"


def fits(password: str, kept: str) -> bool:
    """Whether a password is the one that was hashed; takes about 60 ms."""
    try:
        kind, cost, salt, made = kept.split("$")
        if kind != "scrypt":
            return False
        _scrypt(base64.b64decode(salt), int(cost)).verify(password.encode(), base64.b64decode(made))
    except (ValueError, InvalidKey):
        return False
    return True


def _scrypt(salt: bytes, cost: int) -> Scrypt:
    return Scrypt(salt=salt, length=32, n=cost, r=_BLOCK, p=_PARALLEL)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Accounts:
    """The accounts of a class, in a file that the command line may change while the farm runs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[str, Account] = {}
        self._stamp: tuple[int, int] | None = None
        self._right: dict[str, bytes] = {}
        self._secret = secrets.token_bytes(32)
        self._checking = asyncio.Semaphore(CHECKING)
        self._decoy = hashed(secrets.token_hex(8))

    def all(self) -> dict[str, Account]:
        """As the file says now. Raises LabError when it cannot be read."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            self._known, self._stamp = {}, None
            return self._known
        except OSError as error:
            raise LabError(f"{self.path}: {error.strerror}") from error
        stamp = (found.st_mtime_ns, found.st_ino)
        if stamp != self._stamp:
            try:
                data = json.loads(self.path.read_bytes())
                self._known = {name: Account(**each) for name, each in data.items()}
            except OSError as error:
                raise LabError(f"{self.path}: {error.strerror}") from error
            except (ValueError, TypeError, AttributeError) as error:
                raise LabError(f"{self.path} is damaged: {error}") from error
            self._stamp = stamp
            self._right.clear()
        return self._known

    @contextmanager
    def changing(self) -> Iterator[dict[str, Account]]:
        """Change the accounts; they are written when it ends well. Raises LabError."""
        try:
            durable.make_directories(self.path.parent)
            lock = os.open(
                self.path.with_name(".accounts.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
            )
        except OSError as error:
            raise LabError(f"{error.filename or self.path}: {error.strerror}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._stamp = None
            known = self.all()
            yield known
            data = {name: asdict(each) for name, each in sorted(known.items())}
            durable.write_file(self.path, json.dumps(data, indent=1).encode())
        except OSError as error:
            raise LabError(f"{error.filename or self.path}: {error.strerror}") from error
        finally:
            self._stamp = None
            os.close(lock)

    def issue(self, name: str, role: str, label: str = "token") -> str:
        """A fresh token for a login, which is made if there is none; the former one of this label is void."""
        token = TOKEN + secrets.token_urlsafe(24)
        with self.changing() as known:
            account = known.setdefault(name, Account(name))
            account.role = role
            account.tokens[label] = _digest(token)
        return token

    async def password(self, name: str, secret: str) -> str | None:
        """See `Identities`; a name that is not known takes as long as one that is."""
        account = self.all().get(name)
        if secret.startswith(TOKEN):
            made = _digest(secret)
            known = account.tokens.values() if account is not None else ()
            right = any(hmac.compare_digest(made, each) for each in known)
            return account.role if account is not None and right else None
        if len(secret) > LONGEST:
            return None
        kept = account.password if account is not None and account.password else self._decoy
        keyed = hmac.digest(self._secret, f"{name}\0{kept}\0{secret}".encode(), "sha256")
        if account is not None and hmac.compare_digest(self._right.get(name, b""), keyed):
            return account.role
        async with self._checking:
            right = await asyncio.to_thread(fits, secret, kept)
        if not right or account is None or not account.password:
            return None
        if len(self._right) >= REMEMBERED:
            self._right.clear()
        self._right[name] = keyed
        return account.role

    def public_key(self, name: str, key: asyncssh.SSHKey) -> str | None:
        """See `Identities`."""
        account = self.all().get(name)
        offered = key.export_public_key().split()[:2]
        if account is None or not any(each.encode().split()[:2] == offered for each in account.keys):
            return None
        return account.role


def public_key_of(path: Path) -> str:
    """The public key in a file, as it is kept. Raises LabError."""
    try:
        return asyncssh.read_public_key(path).export_public_key().decode().strip()
    except OSError as error:
        raise LabError(f"{path}: {error.strerror}") from error
    except asyncssh.KeyImportError as error:
        raise LabError(f"{path} is no public key: {error}") from error
