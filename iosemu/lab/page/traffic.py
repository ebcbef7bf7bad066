"""What passes on each cable, counted by protocol while a page looks."""

from __future__ import annotations

from collections import Counter
from functools import partial

from iosemu.lab.lab import Lab
from iosemu.net.link import Direction, Port, Tap
from iosemu.net.signal import Signal
from iosemu.packets.framing import Framing, carried, guess

Flow = tuple[int, int, str]
"""Number of the cable, which end sends (0 or 1), and what."""
_ETHERNET = {0x0806: "arp", 0x86DD: "ip", 0x8100: "ip", 0x88CC: "control", 0x8809: "control"}
_IP = {1: "icmp", 6: "tcp", 17: "udp", 50: "esp", 51: "esp", 88: "routing", 89: "routing", 47: "gre"}
_IKE_PORTS = (500, 848, 4500)
_ROUTING_PORTS = (520, 179)


def kind_of(frame: bytes, framing: Framing | None = None) -> str:
    """What a frame carries, for its colour: arp, icmp, tcp, udp, isakmp, esp, gre, routing, control or ip."""
    ethertype, at = carried(frame, framing or guess(frame))
    if ethertype != 0x0800:
        return _ETHERNET.get(ethertype, "control")
    if len(frame) < at + 20:
        return "ip"
    protocol = frame[at + 9]
    kind = _IP.get(protocol, "ip")
    if protocol in (6, 17):
        ports = at + (frame[at] & 15) * 4
        source, destination = (
            int.from_bytes(frame[ports : ports + 2]),
            int.from_bytes(frame[ports + 2 : ports + 4]),
        )
        if protocol == 17 and (source in _IKE_PORTS or destination in _IKE_PORTS):
            wrapped = 4500 in (source, destination) and frame[ports + 8 : ports + 12] != bytes(4)
            return "esp" if wrapped and len(frame) > ports + 12 else "isakmp"
        if source in _ROUTING_PORTS or destination in _ROUTING_PORTS:
            return "routing"
    return kind


class Traffic:
    """Counts frames on all cables between `attach` and `detach`."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._counts: Counter[Flow] = Counter()
        self._taps: list[tuple[Port, Tap]] = []
        self.passed = Signal()
        """A frame passed after a time in which none had been counted."""

    def attach(self) -> None:
        """Begin to count."""
        if self._taps:
            return
        for number, link in enumerate(self._lab.links):
            for side, end in enumerate(link.ends):
                tap = partial(self._tap, end, number, side)
                end.taps.append(tap)
                self._taps.append((end, tap))

    def detach(self) -> None:
        """Count no more."""
        for port, tap in self._taps:
            if tap in port.taps:
                port.taps.remove(tap)
        self._taps.clear()
        self._counts.clear()

    def _tap(self, port: Port, number: int, side: int, direction: Direction, frame: bytes) -> None:
        if direction is Direction.OUT:
            if not self._counts:
                self.passed.emit()
            self._counts[number, side, kind_of(frame, port.framing)] += 1

    def take(self) -> list[tuple[int, int, str, int]]:
        """What passed since the last call: cable, sending end, what, how many frames."""
        found = [(*flow, count) for flow, count in self._counts.items()]
        self._counts.clear()
        return found
