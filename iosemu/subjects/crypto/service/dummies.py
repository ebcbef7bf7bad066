"""Dummy packets that hide when there is traffic: ESP with nothing in it, at a steady rate (RFC 4303, 2.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iosemu.ip.stack import IpStack
from iosemu.ipsec.sadb import ESP, SadbPair, SequenceExhaustedError
from iosemu.net.scheduler import Timer
from iosemu.subjects.crypto.config.ipsec import Dummies, IpsecConfig
from iosemu.subjects.crypto.service import datapath
from iosemu.subjects.crypto.service.flow import CryptoFlow

if TYPE_CHECKING:
    from iosemu.subjects.crypto.service.engine import CryptoEngine

SHORTEST: Final = 40
LONGEST: Final = 1000
"""Octets in a dummy packet: any number between these, so that its length tells nothing."""


class DummyPackets:
    """The dummy packets of one router."""

    def __init__(self, engine: CryptoEngine) -> None:
        self.engine = engine
        self.device = engine.device
        self._timers: dict[SadbPair, Timer] = {}

    def stop(self) -> None:
        """Power goes."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def fit(self) -> None:
        """SAs, or what is configured, may have changed."""
        now = self.engine.now
        wanted = {pair: rate for pair in self.engine.sadb if (rate := self._rate(pair)) is not None}
        for pair in list(self._timers):
            rate = wanted.get(pair)
            if rate is None or self._timers[pair].when > now + rate.interval:
                self._timers.pop(pair).cancel()
        for pair, rate in wanted.items():
            if pair not in self._timers:
                self._plan(pair, rate)

    def _rate(self, pair: SadbPair) -> Dummies | None:
        """How often one is due on a pair: as its map says, else as the box does; None: never, as in transport mode."""
        sa, flow = pair.outbound[0], pair.owner
        if not sa.tunnel or sa.protocol != ESP or not isinstance(flow, CryptoFlow):
            return None
        entry = self.engine.entry_of(flow)
        own = entry.dummies if entry is not None else None
        return own if own is not None else self.device.config.of(IpsecConfig).dummies

    def _plan(self, pair: SadbPair, rate: Dummies) -> None:
        self._timers[pair] = self.device.scheduler.after(rate.interval, lambda: self._due(pair))

    def _due(self, pair: SadbPair) -> None:
        del self._timers[pair]
        rate, flow = self._rate(pair), pair.owner
        if rate is None or not self.engine.sadb.holds(pair):
            return
        if isinstance(flow, CryptoFlow) and flow.current(self.engine.now) is pair:
            self._send(pair)
        self._plan(pair, rate)

    def _send(self, pair: SadbPair) -> None:
        stack = self.device.service(IpStack)
        size = self.device.rng.randrange(SHORTEST, LONGEST + 1)
        try:
            packet = datapath.dummy(pair, size, self.device.rng.randbytes, stack.next_identification)
        except SequenceExhaustedError:
            return  # whoever sends something real has new SAs made
        stack.send(packet, bypass=True, vrf=self.engine.fronts.of(pair.local, pair.peer))
