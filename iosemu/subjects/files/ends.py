"""The two ends of a copy, as they are typed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from iosemu.handling.filesystem import REMOTE, short

NOWHERE = "null"
"""What is read from there is empty, and it has no names."""
LOCAL = ("flash", "flash0", "nvram", "system", NOWHERE)
NAMED = ("scp",)
"""Schemes that need a user."""


@dataclass(frozen=True, slots=True)
class End:
    """One end of a copy, as it was typed."""

    scheme: str
    """Empty for a configuration and for a bare file name."""
    host: str
    """With the user before an `@`, and the port after a colon, where they were typed."""
    path: str

    @classmethod
    def parse(cls, word: str) -> End:
        """From `tftp:`, `tftp`, `ftp://10.0.0.1/f`, `flash:f`, `running-config`, `f`."""
        word = short(word)
        scheme, colon, rest = word.partition(":")
        if not colon:
            return cls(word.lower(), "", "") if word.lower() in (*REMOTE, *LOCAL) else cls("", "", word)
        if scheme.lower() not in REMOTE:
            return cls(scheme.lower(), "", rest)
        host, _, path = rest.removeprefix("//").partition("/")
        return cls(scheme.lower(), host, path)

    @property
    def remote(self) -> bool:
        """It is on a server."""
        return self.scheme in REMOTE

    @property
    def file(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def server(self) -> str:
        """The host, without user and port."""
        return self.host.rpartition("@")[2].partition(":")[0]

    @property
    def port(self) -> int | None:
        """The port, where one was typed."""
        port = self.host.rpartition("@")[2].partition(":")[2]
        return int(port) if port.isdigit() and 0 < int(port) < 65536 else None

    @property
    def account(self) -> tuple[str, str | None]:
        """User and password; an empty user and None where they were not typed."""
        user, colon, password = self.host.rpartition("@")[0].partition(":")
        return user, password if colon else None

    @property
    def nameless(self) -> bool:
        """It needs a user, and none was typed."""
        return self.scheme in NAMED and not self.account[0]

    def of(self, user: str) -> End:
        """The same, for a user."""
        return replace(self, host=f"{user}@{self.host}")

    @property
    def url(self) -> str:
        """As errors show it."""
        if self.remote:
            return f"{self.scheme}://{self.host}/{self.path}"
        return f"{self.scheme}:{self.path}" if self.scheme else self.path
