"""The life of translations: they are made, used and forgotten, and all that is counted."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.net.rewrite import Ends
from iosemu.net.scheduler import Timer
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.nat.config import NatConfig, Rule, Static
from iosemu.subjects.nat.outside import OutsideSources
from iosemu.subjects.nat.table import Address, NatTable, Translation

DNS = 53
_FIN_RST, _ACK = 0x05, 0x10


class Conversations:
    """The table, and when its entries are due."""

    def __init__(self, device: Device, outside: OutsideSources) -> None:
        self.device = device
        self.outside = outside
        self.table = NatTable()
        self.hits = self.misses = self.expired = 0
        self.peak = 0
        self.peak_at = 0.0
        self._timer: Timer | None = None

    def stop(self) -> None:
        """Forget the timer; the box is switched off."""
        if self._timer is not None:
            self._timer.cancel()

    def add(
        self,
        local: Address,
        outer: Address,
        *,
        protocol: int | None = None,
        outside: Address | None = None,
        origin: Rule | Static | None = None,
        parent: Translation | None = None,
    ) -> Translation | None:
        """A new entry; None: there are as many as there may be."""
        limit = self.device.config.of(NatConfig).max_entries
        if limit is not None and outside is not None and len(self.table) >= limit:
            return None
        now = self.device.now
        entry = self.table.add(
            local, outer, now, protocol=protocol, outside=outside, origin=origin, parent=parent
        )
        if not entry.static:
            entry.timeout = self.device.config.of(NatConfig).timeouts["timeout"]
            self._arm()
        count = len(self.table) + len(self.outside)
        if count >= self.peak:
            self.peak, self.peak_at = count, now
        return entry

    def use(self, entry: Translation, packet: IPv4Packet, ends: Ends) -> None:
        """A packet went by it: how long it stays is told by what kind of packet that was."""
        timeouts = self.device.config.of(NatConfig).timeouts
        entry.used = self.device.now
        if entry.parent is not None:
            entry.parent.used = entry.used
        if ends.protocol == Protocol.ICMP:
            kind = "icmp-timeout"
        elif ends.protocol == Protocol.UDP:
            kind = "dns-timeout" if DNS in (ends.source_port, ends.destination_port) else "udp-timeout"
        elif ends.protocol == Protocol.TCP:
            flags = packet.payload[13] if len(packet.payload) > 13 else 0
            entry.ending = entry.ending or bool(flags & _FIN_RST)
            kind = "finrst-timeout" if entry.ending else "tcp-timeout" if flags & _ACK else "syn-timeout"
        else:
            kind = "timeout"
        if entry.timeout != timeouts[kind]:
            entry.timeout = timeouts[kind]
            self._arm()

    def _arm(self) -> None:
        due = min((each.expires for each in self.table if each.expires is not None), default=None)
        if due is None:
            return
        if self._timer is not None:
            if not self._timer.cancelled and self._timer.when <= due:
                return
            self._timer.cancel()
        self._timer = self.device.scheduler.at(max(due, self.device.now), self._expire)

    def _expire(self) -> None:
        self._timer = None
        now = self.device.now
        for entry in self.table:
            if entry.expires is not None and entry.expires <= now:
                self.table.remove(entry)
                self.expired += 1
        self._arm()
