"""Fragments of packets for a box, in one routing instance (RFC 791 section 3.2)."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.box.device import Device
from iosemu.net.fragment import Reassembler
from iosemu.net.scheduler import Timer
from iosemu.packets.ipv4 import IPv4Packet


class Reassembly:
    """Puts datagrams together; `given_up` is told the first fragment of one that did not become whole in time."""

    def __init__(self, device: Device, given_up: Callable[[IPv4Packet], None]) -> None:
        self.device = device
        self._given_up = given_up
        self._reassembler = Reassembler()
        self._timer: Timer | None = None

    def add(self, packet: IPv4Packet) -> IPv4Packet | None:
        """Take a fragment: the datagram that it completes, or None while pieces lack."""
        whole = self._reassembler.add(packet, self.device.now)
        self._arm()
        return whole

    def stop(self) -> None:
        """Forget the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def _arm(self) -> None:
        due = self._reassembler.next_timer()
        if due is not None and (self._timer is None or self._timer.when > due):
            self._timer = self.device.scheduler.at(due, self._over)

    def _over(self) -> None:
        self._timer = None
        for packet in self._reassembler.tick(self.device.now):
            self._given_up(packet)
        self._arm()
