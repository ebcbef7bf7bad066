"""The http operation: a name, a connection, a page, each with its time."""

from __future__ import annotations

from ipaddress import IPv4Address
from urllib.parse import urlsplit

from iosemu.ip.http import HttpAnswer, HttpQuestion
from iosemu.subjects.ip_sla.named import Fetch
from iosemu.subjects.ip_sla.results import OK, SOCKET_ERROR, TIMEOUT, HttpTimes, Result

AGENT = "IOS IP SLAs"
REASONS = {
    "Connection refused": SOCKET_ERROR,
    "Host unreachable": SOCKET_ERROR,
    "Connection timed out": TIMEOUT,
}


class HttpGet(Fetch):
    """`http get URL`."""

    _question: HttpQuestion | None = None
    _asked = 0.0

    def ask(self, address: IPv4Address) -> None:
        """The server is known: ask it for the page."""
        split = urlsplit(self.operation.name)
        target = f"{split.path or '/'}?{split.query}" if split.query else split.path or "/"
        self._asked = self.device.now
        self._question = HttpQuestion(
            self.device, address, split.port or 80, target, self._answered,
            source=self.source, host=split.netloc, agent=AGENT,
            vrf=self.operation.vrf, tos=self.operation.tos,
        )  # fmt: skip

    def _times(self, answer: HttpAnswer | None) -> HttpTimes:
        connected = self._question.connected if self._question is not None else None
        if connected is None:
            return HttpTimes(self.dns)
        connect = max(1, int((connected - self._asked) * 1000))
        if answer is None:
            return HttpTimes(self.dns, connect)
        transaction = max(1, int((self.device.now - connected) * 1000))
        return HttpTimes(self.dns, connect, transaction, answer.status, len(answer.body))

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
        if self._question is not None:
            self._question.cancel()
