"""Operations that ask for a name: `dns`, and those whose URL has one."""

from __future__ import annotations

from ipaddress import IPv4Address
from urllib.parse import urlsplit

from iosemu.ip.resolver import Lookup, Resolver
from iosemu.subjects.hosts.lookup import resolve
from iosemu.subjects.ip_sla.attempts import Attempt
from iosemu.subjects.ip_sla.results import OK, Result

UNKNOWN = "DNS query error"


class Dns(Attempt):
    """`dns`: how long a name server takes to tell an address."""

    _lookup: Lookup | None = None

    def begin(self) -> None:
        """Ask."""
        assert self.operation.destination is not None
        resolver = self.device.service(Resolver)
        resolver.forget(self.operation.name, self.operation.vrf)  # the cache would answer in no time
        self._lookup = resolver.look_up(self.operation.name, [self.operation.destination], self.operation.vrf)
        self._lookup.changed.connect(self._changed)
        self._changed()  # what is no name is known at once

    def _changed(self) -> None:
        if self._lookup is None or not self._lookup.done:
            return
        if self._lookup.addresses:
            self.end(Result(OK, self.elapsed))
        elif self._lookup.answer is not None:
            self.end(Result(UNKNOWN))

    def close(self) -> None:
        """Leave nothing open."""
        super().close()
        if self._lookup is not None:
            self.device.service(Resolver).close(self._lookup)


class Fetch(Attempt):
    """One that asks the server of a URL, once it knows its address."""

    _lookup: Lookup | None = None
    _named = False
    dns = 0
    """Milliseconds that the name took."""

    def begin(self) -> None:
        """Ask."""
        host, vrf = urlsplit(self.operation.name).hostname or "", self.operation.vrf
        known = resolve(self.device, host, vrf)
        if known is not None:
            self._named = True
            self.ask(known)
            return
        servers = [self.operation.name_server] if self.operation.name_server is not None else None
        self._lookup = self.device.service(Resolver).look_up(host, servers, vrf)
        self._lookup.changed.connect(self._changed)
        self._changed()

    def _changed(self) -> None:
        if self._lookup is None or not self._lookup.done or self._named:
            return
        self._named = True
        if not self._lookup.addresses:
            self.end(Result(UNKNOWN))
            return
        self.dns = self.elapsed
        self.ask(self._lookup.addresses[0])

    def ask(self, address: IPv4Address) -> None:
        """The server is known."""
        raise NotImplementedError

    def close(self) -> None:
        """Leave nothing open."""
        super().close()
        if self._lookup is not None:
            self.device.service(Resolver).close(self._lookup)
