"""What the firewall says of packets that it drops: of each conversation once, then how many there were in a minute."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.box.device import Device
from iosemu.net.rewrite import ends_of
from iosemu.net.scheduler import Timer
from iosemu.packets.ipv4 import IPv4Packet, Protocol

INTERVAL = 60.0
MOST = 256
"""Conversations that are counted at a time; packets of others are not told of."""
_NAMES = {Protocol.TCP: "tcp", Protocol.UDP: "udp", Protocol.ICMP: "icmp"}


@dataclass(slots=True)
class _Flow:
    text: str
    verb: str
    count: int = 0


class DropLog:
    """The messages DROP_PKT, PASS_PKT and LOG_SUMMARY of one box."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self._flows: dict[tuple[object, ...], _Flow] = {}
        self._timer: Timer | None = None

    def stop(self) -> None:
        """Power goes."""
        if self._timer is not None:
            self._timer.cancel()

    def note(
        self, packet: IPv4Packet, reason: str, *, pair: str = "", class_name: str = "", passed: bool = False
    ) -> None:
        """A packet was dropped, or `passed` by a class that logs it."""
        ends = _ends(packet)
        key = (pair, class_name, packet.protocol, *ends, passed)
        flow = self._flows.get(key)
        if flow is not None:
            flow.count += 1
            return
        if len(self._flows) >= MOST:
            return
        name = _NAMES.get(Protocol(packet.protocol), "Other") if packet.protocol in _NAMES else "Other"
        where = f" on zone-pair {pair} class {class_name}" if pair else ""
        target = f" (target:class)-({pair}:{class_name})" if pair else ""
        self._flows[key] = _Flow(f"{ends[0]} => {ends[1]}{target}", "passed" if passed else "dropped")
        text = f"{'Passing' if passed else 'Dropping'} {name} {'pkt' if passed else 'session'} "
        text += f"{ends[0]} {'=> ' if passed else ''}{ends[1]}{where} due to  {reason}"
        text += f" with ip ident {packet.identification}"
        self.device.log("FW", 6, "PASS_PKT" if passed else "DROP_PKT", text + _tcp_words(packet))
        if self._timer is None:
            self._timer = self.device.scheduler.after(INTERVAL, self._summary)

    def _summary(self) -> None:
        self._timer = None
        going = {key: flow for key, flow in self._flows.items() if flow.count}
        for flow in going.values():
            were = "packet were" if flow.count == 1 else "packets were"
            self.device.log("FW", 6, "LOG_SUMMARY", f"{flow.count} {were} {flow.verb} from {flow.text}")
            flow.count = 0
        self._flows = going
        if going:
            self._timer = self.device.scheduler.after(INTERVAL, self._summary)


def _ends(packet: IPv4Packet) -> tuple[str, str]:
    ends = ends_of(packet)
    ports = (0, 0)
    if ends is not None and packet.protocol != Protocol.ICMP:
        ports = (ends.source_port, ends.destination_port)
    return f"{packet.source}:{ports[0]}", f"{packet.destination}:{ports[1]}"


def _tcp_words(packet: IPv4Packet) -> str:
    data = packet.payload
    if packet.protocol != Protocol.TCP or packet.fragment_offset or len(data) < 20:
        return ""
    flags, sequence, acknowledgment = data[12:14].hex(), int.from_bytes(data[4:8]), int.from_bytes(data[8:12])
    return f" tcpflags 0x{flags.upper()} seq.no {sequence} ack {acknowledgment}"
