"""Reliable transport: sequence numbers, acknowledgements, conditional receive, retransmission (RFC 7868 5.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from iosemu.routing.eigrp.neighbor import LONGEST_RTO, Neighbor, Outgoing, Port
from iosemu.routing.eigrp.packets import Flags, Opcode, Packet
from iosemu.routing.eigrp.tlvs import NextSequence, Sequence, Tlv

if TYPE_CHECKING:
    from iosemu.routing.eigrp.engine import Eigrp

RETRY_LIMIT = 16
BACKOFF = 1.5


class Transport:
    """One packet at a time is on its way to each neighbour; a multicast is the same packet for all who are ready."""

    def __init__(self, engine: Eigrp) -> None:
        self.engine = engine
        self.sequence = 0

    def _next(self) -> int:
        self.sequence = self.sequence % 0xFFFFFFFF + 1
        return self.sequence

    # --- sending ---------------------------------------------------------------------------------------

    def multicast(self, port: Port, opcode: int, tlvs: tuple[Tlv, ...], now: float) -> None:
        """Send to every neighbour of an interface that routes are exchanged with."""
        peers = [each for each in port.neighbors.values() if each.up]
        if not peers:
            return
        if port.config.neighbors:
            for each in peers:
                self.unicast(each, opcode, tlvs, now)
            return
        packet = Outgoing(opcode, self._next(), tlvs, multicast=True)
        for each in peers:
            each.queue.append(packet)
        port.flow.append(packet)
        self._pump(port, now)

    def unicast(
        self, neighbor: Neighbor, opcode: int, tlvs: tuple[Tlv, ...], now: float, flags: int = 0
    ) -> None:
        """Send to one neighbour, after what waits for it already."""
        neighbor.queue.append(Outgoing(opcode, self._next(), tlvs, flags))
        if len(neighbor.queue) == 1:
            self._transmit(neighbor, now)

    def _pump(self, port: Port, now: float) -> None:
        """Send multicasts: the next when the last was acknowledged by all, or had its time."""
        while port.flow:
            peers = list(port.neighbors.values())
            if (
                port.outstanding is not None
                and now < port.outstanding_until
                and any(each.queue and each.queue[0] is port.outstanding for each in peers)
            ):
                return
            packet = port.flow.popleft()
            packet.flown = True
            ready = [each for each in peers if each.queue and each.queue[0] is packet]
            if not ready:
                continue  # each gets it alone when its turn comes
            lagging = [each for each in peers if packet in each.queue and each not in ready]
            flags = packet.flags
            if lagging:
                told = (Sequence(tuple(each.address for each in lagging)), NextSequence(packet.sequence))
                self.engine.hello(port, now, told)
                flags |= Flags.CONDITIONAL
                port.counters["conditional"] += 1
                port.counters["exceptions"] += 1
            port.counters["reliable multicasts"] += 1
            made = Packet(packet.opcode, 0, flags, packet.sequence, 0, packet.tlvs)
            left = self.engine.emit(port, None, made, now=now)
            port.outstanding, port.outstanding_until = packet, left + port.flow_timer / 1000
            for each in ready:
                self._noted(each, left)

    def _noted(self, neighbor: Neighbor, now: float) -> None:
        neighbor.sent_at, neighbor.tries = now, 0
        neighbor.resend_at = now + neighbor.rto / 1000

    def _transmit(self, neighbor: Neighbor, now: float) -> None:
        """Send the head of a neighbour's queue to it alone."""
        neighbor.tries = 0
        self._noted(neighbor, self._send_head(neighbor, now))

    def _send_head(self, neighbor: Neighbor, now: float) -> float:
        """The lab time at which it leaves."""
        head = neighbor.queue[0]
        packet = Packet(head.opcode, 0, head.flags, head.sequence, neighbor.due, head.tlvs)
        neighbor.due = 0
        neighbor.port.counters["reliable unicasts"] += 1
        return self.engine.emit(neighbor.port, neighbor, packet, neighbor.tries, now)

    def acknowledge(self, neighbor: Neighbor) -> None:
        """Send what is due alone, if nothing took it along."""
        if neighbor.due:
            number, neighbor.due = neighbor.due, 0
            neighbor.port.counters["unreliable unicasts"] += 1
            self.engine.emit(neighbor.port, neighbor, Packet(Opcode.HELLO, 0, acknowledge=number))

    # --- receiving -------------------------------------------------------------------------------------

    def acknowledged(self, neighbor: Neighbor, number: int, now: float) -> None:
        """A neighbour has a packet."""
        if not neighbor.queue or neighbor.resend_at is None or neighbor.queue[0].sequence != number:
            return
        head = neighbor.queue.popleft()
        if neighbor.tries == 0:
            neighbor.measured(max((now - neighbor.sent_at) * 1000, 1.0), self.engine.config.minimum_rto)
        else:
            neighbor.settle_rto(self.engine.config.minimum_rto)
        neighbor.resend_at, neighbor.tries = None, 0
        if head.flags & Flags.INIT and not neighbor.greeted:
            neighbor.greeted = True
            self.engine.exchange(neighbor, now)
        self.advance(neighbor, now)

    def advance(self, neighbor: Neighbor, now: float) -> None:
        """Send what waits next."""
        port = neighbor.port
        if neighbor.queue and neighbor.resend_at is None:
            head = neighbor.queue[0]
            if not head.multicast or head.flown:
                self._transmit(neighbor, now)
        self._pump(port, now)

    def accepts(self, neighbor: Neighbor, packet: Packet) -> bool:
        """Whether a reliable packet is new and in order; what came is acknowledged in any case."""
        number = packet.sequence
        if packet.flags & Flags.INIT and not neighbor.started:
            neighbor.started = True
        elif not neighbor.started:
            return False
        elif packet.flags & Flags.CONDITIONAL:
            allowed, neighbor.conditional = neighbor.conditional, None
            if allowed != number:
                neighbor.port.counters["out of sequence"] += 1
                return False
        elif number == neighbor.last_sequence or (number - neighbor.last_sequence) % 2**32 >= 2**31:
            neighbor.due = number
            return False
        neighbor.last_sequence = neighbor.due = number
        return True

    # --- time ------------------------------------------------------------------------------------------

    def due(self, neighbors: Iterable[Neighbor], ports: Iterable[Port]) -> Iterator[float]:
        """When something is to be done."""
        for each in neighbors:
            if each.resend_at is not None:
                yield each.resend_at
        for port in ports:
            if port.flow:
                yield port.outstanding_until

    def tick(self, neighbor: Neighbor, now: float) -> None:
        """Send again what was not acknowledged; give up after the limit."""
        if neighbor.resend_at is None or neighbor.resend_at > now:
            return
        if neighbor.tries >= RETRY_LIMIT and now - neighbor.sent_at >= neighbor.hold:
            self.engine.neighbor_down(neighbor, "retry limit exceeded", now)
            return
        neighbor.tries += 1
        neighbor.retransmissions += 1
        neighbor.port.counters["retransmissions"] += 1
        neighbor.rto = min(neighbor.rto * BACKOFF, LONGEST_RTO)
        neighbor.resend_at = self._send_head(neighbor, now) + neighbor.rto / 1000

    def pump(self, port: Port, now: float) -> None:
        """A multicast may be due."""
        if port.flow and port.outstanding_until <= now:
            self._pump(port, now)
