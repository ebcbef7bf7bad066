"""`debug crypto isakmp|ipsec|engine`: the IKE engine's events as messages of severity 7."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.ike import trace
from iosemu.ike.events import Event
from iosemu.ipsec.sadb import Sadb
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig, IsakmpStyle
from iosemu.subjects.crypto.debug.flags import ENGINE, IPSEC, ISAKMP
from iosemu.subjects.crypto.debug.ipsec import IpsecDebug, engine_lines
from iosemu.subjects.crypto.debug.isakmp import isakmp_lines
from iosemu.subjects.crypto.debug.line import PREFIXES, Kind

if TYPE_CHECKING:
    from iosemu.box.device import Device


class Debug:
    """What the debug flags of a router ask for."""

    def __init__(self, device: Device, sadb: Sadb) -> None:
        self.device = device
        self.sadb = sadb
        style = device.image.style(IsakmpStyle)
        self._prefix = PREFIXES[style.debug_prefixes]
        self._modern = style.debug_prefixes == "15.6"
        self._ipsec = IpsecDebug(style.debug_proxies, self._conn_id)

    def tell(self, event: Event) -> None:
        """Print the lines of an event that the debug settings ask for."""
        on = self.device.debugging.on
        asking = isinstance(event, trace.Requested | trace.RequestRepeated)
        if asking and on(IPSEC):
            self._tell_ipsec(event)
        if on(ISAKMP):
            keepalives = self.device.config.of(IsakmpConfig).keepalive is not None
            for line in isakmp_lines(event, modern=self._modern, keepalives=keepalives):
                self._say(self._prefix(line), continues=line.kind is Kind.MORE)
        if not asking and on(IPSEC):
            self._tell_ipsec(event)
        if on(ENGINE):
            for text in engine_lines(event):
                self._say(text)

    def _tell_ipsec(self, event: Event) -> None:
        for text in self._ipsec.lines(event):
            self._say(text, continues=text.startswith((" ", "\t")))

    def _say(self, text: str, *, continues: bool = False) -> None:
        self.device.log("", 7, "", text, continues=continues)

    def _conn_id(self, spi: int) -> int:
        for pair in self.sadb:
            for sa in (*pair.inbound, *pair.outbound):
                if sa.spi == spi:
                    return sa.conn_id
        return 0
