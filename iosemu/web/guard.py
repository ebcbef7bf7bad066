"""Who may use the page: one-time tokens in links, cookies, and the Host and Origin that a browser sends."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from ipaddress import ip_address

TOKENS = 64
"""Links that may wait to be opened, and programs that may hold a token; the oldest gives way."""
SESSIONS = 512
"""Browsers that are known; the oldest gives way."""


class Guard:
    """Tells the page's own requests from those of other pages, programs and names.

    A link's token is good once and becomes a cookie. `Host` must be an address of this server (a name would let
    another site's page reach it by DNS rebinding), and `Origin` that same host.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self.port = port
        self._tokens: list[str] = []
        self._sessions: list[str] = []
        self._keys: list[str] = []
        """Tokens of programs."""

    @property
    def cookie(self) -> str:
        """The cookie's name: cookies do not know of ports, names do."""
        return f"iosemu_{self.port}"

    @property
    def address(self) -> str:
        """`host:port` as it stands in links."""
        host = self._host
        if host in ("0.0.0.0", "::", ""):  # noqa: S104 - a link needs an address that can be reached
            host = "127.0.0.1"
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    def link(self) -> str:
        """A fresh link; it opens the page once."""
        token = secrets.token_urlsafe(24)
        self._tokens.append(token)
        del self._tokens[:-TOKENS]
        return f"http://{self.address}/?token={token}"

    def redeem(self, token: str) -> str | None:
        """A link's token becomes a cookie's value; None for one that is wrong or was used."""
        found = [each for each in self._tokens if hmac.compare_digest(each.encode(), token.encode())]
        if not found:
            return None
        self._tokens.remove(found[0])
        session = secrets.token_urlsafe(32)
        self._sessions.append(session)
        del self._sessions[:-SESSIONS]
        return session

    def knows(self, session: str) -> bool:
        """Whether a cookie's value is one of ours."""
        return any(hmac.compare_digest(each.encode(), session.encode()) for each in self._sessions)

    def issue(self) -> str:
        """A token for a program, good until the lab ends or many others were issued."""
        token = secrets.token_urlsafe(32)
        self._keys.append(token)
        del self._keys[:-TOKENS]
        return token

    def knows_token(self, token: str) -> bool:
        """Whether a program's token is one of ours."""
        return any(hmac.compare_digest(each.encode(), token.encode()) for each in self._keys)

    def host_fits(self, host: str) -> bool:
        """Whether a `Host` header names this server by an address, or as localhost on the loopback."""
        name, colon, port = host.rpartition(":")
        if not colon or port != str(self.port):
            return False
        name = name.removeprefix("[").removesuffix("]").lower()
        try:
            address = ip_address(name)
        except ValueError:
            return name == "localhost" and self._local
        return address.is_loopback if self._local else True

    @property
    def _local(self) -> bool:
        try:
            return ip_address(self._host).is_loopback
        except ValueError:
            return self._host == "localhost"

    def refusal(self, headers: Mapping[str, str], *, cross: bool) -> str:
        """Why a request is refused, empty if it is not; `cross` ones (WebSockets) must say where they come from."""
        host = headers.get("host", "")
        if not self.host_fits(host):
            return "wrong Host"
        origin = headers.get("origin")
        if origin is None:
            return "no Origin" if cross else ""
        return "" if origin == f"http://{host}" else "wrong Origin"
