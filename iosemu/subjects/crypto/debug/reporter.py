"""`debug crypto isakmp|ipsec|engine`: the IKE engine's events as messages of severity 7."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.box.debugging import DebugFlag
from iosemu.ike import events, trace
from iosemu.ike.events import Event
from iosemu.ipsec.sadb import Sadb
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig, IsakmpStyle
from iosemu.subjects.crypto.debug.condition import Conditions, context_of
from iosemu.subjects.crypto.debug.flags import ENGINE, IPSEC, IPSEC_ERROR, ISAKMP, ISAKMP_ERROR
from iosemu.subjects.crypto.debug.ipsec import IpsecDebug, engine_lines
from iosemu.subjects.crypto.debug.isakmp import isakmp_lines
from iosemu.subjects.crypto.debug.line import PREFIXES, Kind

if TYPE_CHECKING:
    from iosemu.box.device import Device

FAILURES = (events.BadMessage, trace.ActionFailed, trace.ErrorCounted, trace.InitializationFailed)
"""Events that tell of nothing but errors."""


class Debug:
    """What the debug flags of a router ask for."""

    def __init__(self, device: Device, sadb: Sadb) -> None:
        self.device = device
        self.sadb = sadb
        style = device.image.style(IsakmpStyle)
        self.conditions = Conditions()
        """What of it is told."""
        self._prefix = PREFIXES[style.debug_prefixes]
        self._modern = style.debug_prefixes == "15.6"
        self._ipsec = IpsecDebug(style.debug_proxies, self._conn_id)

    def listens(self) -> bool:
        """Whether any debug is on: what else is there to be told?"""
        return self.device.debugging.any

    def tell(self, event: Event) -> None:
        """Print the lines of an event that the debug settings ask for."""
        if not self.device.debugging.any:
            return
        asking = isinstance(event, trace.Requested | trace.RequestRepeated)
        if asking:
            self._tell_ipsec(event)
        self._tell_isakmp(event)
        if not asking:
            self._tell_ipsec(event)
        if self._wants(ENGINE, "engine", event):
            for text in engine_lines(event):
                self._say(text)

    def _wants(self, flag: DebugFlag, subject: str, event: Event) -> bool:
        """Whether a flag is on and the conditions let the event through."""
        if not self.device.debugging.on(flag):
            return False
        return not self.conditions.any or self.conditions.admit(context_of(event, self._conn_id), subject)

    def _tell_isakmp(self, event: Event) -> None:
        everything = self._wants(ISAKMP, "isakmp", event)
        if not everything and not self._wants(ISAKMP_ERROR, "isakmp", event):
            return
        keepalives = self.device.config.of(IsakmpConfig).keepalive is not None
        for line in isakmp_lines(event, modern=self._modern, keepalives=keepalives):
            if everything or line.kind is Kind.ERROR or isinstance(event, FAILURES):
                self._say(self._prefix(line), continues=line.kind is Kind.MORE)

    def _tell_ipsec(self, event: Event) -> None:
        everything = self._wants(IPSEC, "ipsec", event)
        if not everything and not self._wants(IPSEC_ERROR, "ipsec", event):
            return
        for text in self._ipsec.lines(event) if everything else self._ipsec.errors(event):
            self._say(text, continues=text.startswith((" ", "\t")))

    def _say(self, text: str, *, continues: bool = False) -> None:
        self.device.log("", 7, "", text, continues=continues)

    def _conn_id(self, spi: int) -> int:
        for pair in self.sadb:
            for sa in (*pair.inbound, *pair.outbound):
                if sa.spi == spi:
                    return sa.conn_id
        return 0
