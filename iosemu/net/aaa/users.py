"""Whom a server knows, and what they may do."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class ServerUser:
    """An account on an AAA server."""

    name: str
    password: str
    privilege: int = 1
    enable: str | None = None
    """The password that opens privilege 15; None: that of the server."""
    attributes: tuple[str, ...] = ()
    """Further attribute-value pairs, such as `autocmd=show version`."""
    commands: tuple[str, ...] | None = None
    """`permit PATTERN` and `deny PATTERN` with `*` for anything; the first that fits counts, none that fits denies.
    None: every command."""
    exec_: bool = True
    """It is given a shell."""
    vlan: str = ""
    """Number or name of the VLAN that its port is put into."""
    session_timeout: int | None = None
    """Seconds after which it must prove itself anew."""
    challenge: tuple[str, str] | None = None
    """What RADIUS asks after the password, and the answer."""

    def accepts(self, typed: str) -> bool:
        """Whether `typed` is the password."""
        return hmac.compare_digest(typed.encode(), self.password.encode())

    def permits(self, command: str) -> bool:
        """Whether a command, in one line without `<cr>`, is allowed."""
        if self.commands is None:
            return True
        for rule in self.commands:
            word, _, pattern = rule.strip().partition(" ")
            if fnmatchcase(command, pattern.strip()):
                return word == "permit"
        return False


@dataclass(frozen=True)
class Accounts:
    """All accounts of a server."""

    users: Mapping[str, ServerUser] = field(default_factory=dict)
    enable: str | None = None
    """The password that opens privilege 15 for those who have none of their own."""

    def authenticate(self, name: str, password: str) -> ServerUser | None:
        """The user with this password, if there is one."""
        user = self.users.get(name)
        return user if user is not None and user.accepts(password) else None

    def enables(self, name: str, password: str) -> bool:
        """Whether a password opens privilege 15 for a user."""
        user = self.users.get(name)
        wanted = user.enable if user is not None and user.enable is not None else self.enable
        return wanted is not None and hmac.compare_digest(password.encode(), wanted.encode())
