"""The http operation: a name, a connection, a page, each with its time."""

from __future__ import annotations

from ipaddress import IPv4Address
from urllib.parse import urlsplit

from iosemu.ip.http import HttpAnswer, HttpQuestion
from iosemu.ip.resolver import Lookup, Resolver
from iosemu.subjects.hosts.lookup import resolve
from iosemu.subjects.ip_sla.attempts import Attempt
from iosemu.subjects.ip_sla.results import OK, SOCKET_ERROR, TIMEOUT, HttpTimes, Result

AGENT = "IOS IP SLAs"
REASONS = {
    "Connection refused": SOCKET_ERROR,
    "Host unreachable": SOCKET_ERROR,
    "Connection timed out": TIMEOUT,
}


class HttpGet(Attempt):
    """`http get URL`."""

    _lookup: Lookup | None = None
    _question: HttpQuestion | None = None
    _asked = 0.0
    _dns = 0

    def begin(self) -> None:
        """Ask."""
        host = urlsplit(self.operation.name).hostname or ""
        known = resolve(self.device, host)
        if known is not None:
            self._ask(known)
            return
        servers = [self.operation.name_server] if self.operation.name_server is not None else None
        self._lookup = self.device.service(Resolver).look_up(host, servers)
        self._lookup.changed.connect(self._named)
        self._named()

    def _named(self) -> None:
        if self._lookup is None or not self._lookup.done or self._question is not None:
            return
        if not self._lookup.addresses:
            self.end(Result("DNS query error"))
            return
        self._dns = self.elapsed
        self._ask(self._lookup.addresses[0])

    def _ask(self, address: IPv4Address) -> None:
        split = urlsplit(self.operation.name)
        target = f"{split.path or '/'}?{split.query}" if split.query else split.path or "/"
        self._asked = self.device.now
        self._question = HttpQuestion(
            self.device, address, split.port or 80, target, self._answered,
            source=self.source, host=split.netloc, agent=AGENT,
        )  # fmt: skip

    def _times(self, answer: HttpAnswer | None) -> HttpTimes:
        connected = self._question.connected if self._question is not None else None
        if connected is None:
            return HttpTimes(self._dns)
        connect = max(1, int((connected - self._asked) * 1000))
        if answer is None:
            return HttpTimes(self._dns, connect)
        transaction = max(1, int((self.device.now - connected) * 1000))
        return HttpTimes(self._dns, connect, transaction, answer.status, len(answer.body))

    def _answered(self, answer: HttpAnswer | None, reason: str) -> None:
        times = self._times(answer)
        if answer is None:
            self.end(Result(REASONS.get(reason, "HTTP error"), None, times))
        elif answer.status != 200:
            self.end(Result("HTTP error", None, times))
        else:
            self.end(Result(OK, times.dns + times.connect + times.transaction, times))

    def expired(self) -> Result:
        """What is known by then."""
        return Result(TIMEOUT, None, self._times(None))

    def close(self) -> None:
        """Leave nothing open."""
        super().close()
        if self._lookup is not None:
            self.device.service(Resolver).close(self._lookup)
        if self._question is not None:
            self._question.cancel()
