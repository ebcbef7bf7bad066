"""A Multilink interface: one link over several lines (RFC 1990)."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.net.ppp.link import BundleLink, PppLink
from iosemu.net.ppp.multilink import Assembler, Splitter
from iosemu.net.scheduler import Timer
from iosemu.packets.framing import PPP_HEADER
from iosemu.packets.multilink import Fragment
from iosemu.packets.ppp import PppFrame, PppProtocol
from iosemu.subjects.ppp.service.line import PppLine

KIND = "Multilink"


@dataclass(frozen=True, slots=True)
class Member:
    """A line in a bundle; `since` in lab seconds."""

    line: PppLine
    since: float


class BundleLine(PppLine):
    """The link of a Multilink interface; it is there while it has members."""

    def __init__(self, device: Device, interface: Interface) -> None:
        super().__init__(device, interface)
        self.members: list[Member] = []
        self.peer = ""
        """Whose the bundle is: the name that was proved, or the endpoint discriminator."""
        self.endpoint = b""
        """The peer's."""
        self.since = 0.0
        """Lab time at which the first member joined."""
        self.splitter = Splitter()
        self.assembler = Assembler()
        self._turn = 0
        self._waits: Timer | None = None

    def _new_link(self) -> PppLink:
        return BundleLink(self._policy(), self.device.rng.randbytes)

    @property
    def bandwidth(self) -> int:
        """kbit/s of all members."""
        return sum(each.line.interface.bandwidth for each in self.members)

    def stop(self) -> None:
        """The interface went down: the power is gone, it was shut down, or the last member left."""
        super().stop()
        if self._waits is not None:
            self._waits.cancel()
            self._waits = None

    @property
    def multilink(self) -> bool:
        """LCP is that of the members, all of which have agreed to it."""
        return True

    # --- members -------------------------------------------------------------------------------------

    def join(self, line: PppLine, name: str) -> bool:
        """Take a link in, unless the bundle is to another peer."""
        if self.members and name != self.peer:
            return False
        if not self.members:
            self.peer, self.endpoint, self.since = name, line.link.lcp.peer_endpoint, self.device.now
            self.splitter, self.assembler = Splitter(), Assembler()
        self.members.append(Member(line, self.device.now))
        self.assembler.join(line.interface.name)
        self._changed()
        return True

    def leave(self, line: PppLine) -> None:
        """A link is over."""
        kept = [each for each in self.members if each.line is not line]
        if len(kept) == len(self.members):
            return
        self.members = kept
        self._take(self.assembler.leave(line.interface.name))
        self._changed()

    def _changed(self) -> None:
        self.interface.rated_bandwidth = self.bandwidth or self.interface.type.bandwidth
        self.interface.refresh()

    # --- frames --------------------------------------------------------------------------------------

    def transmit(self, frame: bytes) -> None:
        """Send a frame of the interface over the members, in turn."""
        if not self.members:
            return
        data = frame[len(PPP_HEADER) :]
        for piece in self.splitter.split(data, self._pieces(len(data))):
            line = self.members[self._turn % len(self.members)].line
            self._turn += 1
            line.interface.send(PppFrame(PppProtocol.MULTILINK, piece.to_bytes()).to_bytes())

    def _pieces(self, octets: int) -> int:
        """Into how many fragments a packet is cut."""
        settings = self.settings
        if not settings.fragment:
            return 1
        if settings.fragment_delay is None:
            return len(self.members)
        slowest = min(each.line.interface.bandwidth for each in self.members)
        size = max(1, slowest * settings.fragment_delay // 8)
        return -(-octets // size)

    def take_fragment(self, line: PppLine, payload: bytes) -> None:
        """A fragment came by a member. Raises MalformedPacket."""
        fragment = Fragment.parse(payload)
        if any(each.line is line for each in self.members):
            self._take(self.assembler.receive(line.interface.name, fragment, self.device.now))

    def _take(self, packets: list[bytes]) -> None:
        for data in packets:
            self.interface.frame_received(PPP_HEADER + data)
        if self._waits is not None:
            self._waits.cancel()
        due = self.assembler.next_timer()
        self._waits = self.device.scheduler.at(due, self._give_up) if due is not None else None

    def _give_up(self) -> None:
        self._waits = None
        self._take(self.assembler.tick(self.device.now))


class PppBundles:
    """The bundles of a box (the protocol `Bundles` of a line)."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self.all: dict[str, BundleLine] = {}
        """By the name of the interface."""

    def add(self, interface: Interface) -> BundleLine:
        """A Multilink interface was made."""
        bundle = self.all[interface.name] = BundleLine(self._device, interface)
        return bundle

    def of(self, line: PppLine) -> BundleLine | None:
        """The bundle that a link is configured to join; None: none that is there."""
        group = line.settings.group
        bundle = self.all.get(f"{KIND}{group}") if group is not None else None
        return bundle if bundle is not None and bundle.interface.admin_up else None

    def join(self, line: PppLine, name: str) -> bool:
        """A link is to be one of the bundle to the peer of this name; False: that bundle is to somebody else."""
        bundle = self.of(line)
        return bundle is not None and bundle.join(line, name)

    def leave(self, line: PppLine) -> None:
        """A link is over, whether or not it was in a bundle."""
        for bundle in self.all.values():
            bundle.leave(line)

    def receive(self, line: PppLine, payload: bytes) -> None:
        """A fragment came by a link. Raises MalformedPacket."""
        bundle = self.of(line)
        if bundle is not None:
            bundle.take_fragment(line, payload)
