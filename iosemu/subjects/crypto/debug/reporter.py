"""`debug crypto isakmp|ipsec|engine`: the IKE engine's events as messages of severity 7."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.ike import trace
from iosemu.ike.events import Event
from iosemu.subjects.crypto.config.isakmp import IsakmpStyle
from iosemu.subjects.crypto.debug.ipsec import IpsecDebug, engine_lines
from iosemu.subjects.crypto.debug.isakmp import isakmp_lines
from iosemu.subjects.crypto.debug.line import PREFIXES, Kind

if TYPE_CHECKING:
    from iosemu.kinds.router import Router


class Debug:
    """What is being debugged on one router."""

    def __init__(self, router: Router) -> None:
        self.router = router
        self.subjects: set[str] = set()
        """isakmp, ipsec, engine."""
        style = router.image.style(IsakmpStyle)
        self._prefix = PREFIXES[style.debug_prefixes]
        self._modern = style.debug_prefixes == "15.6"
        self._ipsec = IpsecDebug(style.debug_proxies, self._conn_id)

    def tell(self, event: Event) -> None:
        """Write the debug lines of an event that are switched on."""
        asking = isinstance(event, trace.Requested | trace.RequestRepeated)
        if asking and "ipsec" in self.subjects:
            self._tell_ipsec(event)
        if "isakmp" in self.subjects:
            keepalives = self.router.config.isakmp.keepalive is not None
            for line in isakmp_lines(event, modern=self._modern, keepalives=keepalives):
                self._say(self._prefix(line), continues=line.kind is Kind.MORE)
        if not asking and "ipsec" in self.subjects:
            self._tell_ipsec(event)
        if "engine" in self.subjects:
            for text in engine_lines(event):
                self._say(text)

    def _tell_ipsec(self, event: Event) -> None:
        for text in self._ipsec.lines(event):
            self._say(text, continues=text.startswith((" ", "\t")))

    def _say(self, text: str, *, continues: bool = False) -> None:
        self.router.log("", 7, "", text, continues=continues)

    def _conn_id(self, spi: int) -> int:
        for pair in self.router.crypto.sadb:
            for sa in (*pair.inbound, *pair.outbound):
                if sa.spi == spi:
                    return sa.conn_id
        return 0
