"""The supplicant of a host's first network card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.net.dot1x.supplicant import Supplicant
from iosemu.net.scheduler import Timer
from iosemu.net.signal import Signal
from iosemu.packets.eapol import EapolPacket
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame, EtherType
from iosemu.subjects.supplicant.config import SupplicantConfig

if TYPE_CHECKING:
    from iosemu.box.device import Device


class HostSupplicant(Service):
    """Runs a `Supplicant` while the host has an identity."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.supplicant: Supplicant | None = None
        self.settled = Signal()
        """Its state is another one."""
        self._timer: Timer | None = None

    @property
    def card(self) -> Interface:
        """The network card."""
        return self.device.interfaces[self.device.model.ports[0]]

    def start(self) -> None:
        """Hear EAPOL."""
        self.device.bind_ethertype(EtherType.EAPOL, self._receive)

    def stop(self) -> None:
        """Power went."""
        if self._timer is not None:
            self._timer.cancel()

    def use(self, identity: str, password: str) -> None:
        """Prove to be somebody from now on; without a name, say nothing any more."""
        config = self.device.config.of(SupplicantConfig)
        config.identity, config.password = identity, password
        self.supplicant = Supplicant(identity, password) if identity else None
        if self.supplicant is not None:
            self.supplicant.link(self.card.protocol_up, self.device.now)
        self._after()

    def protocol_changed(self, interface: Interface) -> None:
        """The cable has a far end, or none."""
        if self.supplicant is not None and interface is self.card:
            self.supplicant.link(interface.protocol_up, self.device.now)
            self._after()

    def logon(self) -> None:
        """Begin anew."""
        if self.supplicant is not None:
            self.supplicant.logon(self.device.now)
            self._after()

    def logoff(self) -> None:
        """Give up what was gained."""
        if self.supplicant is not None:
            self.supplicant.logoff()
            self._after()

    def _receive(self, interface: Interface, frame: bytes) -> None:
        if self.supplicant is None or interface is not self.card:
            return
        try:
            packet = EapolPacket.parse(EthernetFrame.parse(frame).payload)
        except MalformedPacket:
            return
        self.supplicant.receive(packet, self.device.now)
        self._after()

    def _after(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.supplicant is None:
            return
        packets, self.supplicant.packets = self.supplicant.packets, []
        for packet in packets:
            self.card.send(packet.to_frame(self.card.mac).to_bytes())
        due = self.supplicant.next_timer()
        if due is not None:
            self._timer = self.device.scheduler.at(due, self._tick)
        self.settled.emit()

    def _tick(self) -> None:
        self._timer = None
        if self.supplicant is not None:
            self.supplicant.tick(self.device.now)
            self._after()
