"""DHCP snooping at work: it judges DHCP messages that pass, and writes down the addresses that are given."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from iosemu.box.interface_types import short_name
from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.inspection import Passage, stand
from iosemu.net.bursts import Bursts
from iosemu.net.scheduler import Timer
from iosemu.net.tracing import Line
from iosemu.packets.addresses import MacAddress
from iosemu.packets.dhcp import INFINITE, NOBODY, DhcpType, Op, Option
from iosemu.packets.errors import MalformedPacket
from iosemu.subjects.dhcp_snooping.bindings import Binding, BindingTable
from iosemu.subjects.dhcp_snooping.config import SnoopingConfig, SnoopingPort
from iosemu.subjects.dhcp_snooping.packets import Carried, is_dhcp, written
from iosemu.subjects.errdisable.service import Errdisable

if TYPE_CHECKING:
    from iosemu.box.device import Device

CAUSE = "dhcp-rate-limit"
MOST_CLIENTS = 8192
"""Clients that are remembered while they wait for an answer."""
RATE, UNTRUSTED, RELAYED, WRONG_MAC, MISPLACED, UNKNOWN = (
    "Rate limit exceeded",
    "Received on untrusted ports",
    "Nonzero giaddr",
    "Source mac not equal to chaddr",
    "No binding entry",
    "Unknown packet",
)
"""Why packets are dropped, in the words of `show ip dhcp snooping statistics detail`."""


@dataclass(slots=True)
class Statistics:
    """Packets since they were cleared."""

    forwarded: int = 0
    dropped: Counter[str] = field(default_factory=Counter)


class DhcpSnooping(Service):
    """Looks into the DHCP messages of the VLANs that it is told."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.bindings = BindingTable()
        self.static = BindingTable()
        """What is configured, which other guards keep here (`ip source binding`)."""
        self.statistics = Statistics()
        self._asked: dict[tuple[int, MacAddress], str] = {}
        """The untrusted port on which a client's last request came."""
        self._bursts = Bursts()
        self._timer: Timer | None = None

    def changed(self) -> None:
        """Be in the way of frames only while there is something to look into."""
        at_work = bool(self.operational())
        stand(self.device.service(Bridge).plane.inspectors, self.inspect, at_work=at_work)

    def stop(self) -> None:
        """Power went."""
        if self._timer is not None:
            self._timer.cancel()

    def operational(self) -> frozenset[int]:
        """The VLANs where it works."""
        config = self.device.config.of(SnoopingConfig)
        return config.vlans if config.enabled else frozenset()

    def port(self, name: str) -> SnoopingPort:
        """What is said of a port."""
        return self.device.config.interfaces[name].held(SnoopingPort) or SnoopingPort()

    def bind(self, binding: Binding) -> None:
        """Write a binding."""
        self.bindings.put(binding)
        self._plan()

    def known(self, vlan: int, station: MacAddress) -> Binding | None:
        """Which address a station has, as it is configured or as DHCP gave it."""
        return self.static.get(vlan, station) or self.bindings.get(vlan, station)

    # --- messages ------------------------------------------------------------------------------------

    def inspect(self, port: str | None, vlan: int, frame: bytes) -> Passage | None:
        """Judge a frame; what is no DHCP passes."""
        if vlan not in self.operational() or not is_dhcp(frame):
            return Passage(frame)
        if port is not None and not self._within_rate(port):
            return None
        try:
            carried = Carried.parse(frame)
        except MalformedPacket:
            self._refuse(port, UNKNOWN, "it cannot be read")
            return None
        if carried.message.op == Op.REPLY:
            return self._reply(port, vlan, frame, carried)
        if port is None:
            return Passage(frame)
        return self._request(port, vlan, frame, carried)

    def _reply(self, port: str | None, vlan: int, frame: bytes, carried: Carried) -> Passage | None:
        message = carried.message
        if port is not None and not self.port(port).trusted:
            self._say(
                "UNTRUSTED_PORT", f"drop message on untrusted port, {_type(carried)}, {_source(carried)}"
            )
            self._refuse(port, UNTRUSTED, "a server's message on an untrusted port")
            return None
        self.statistics.forwarded += 1
        station = message.station
        if message.relay != NOBODY or station is None:
            return Passage(frame)  # it is on its way to a relay agent
        inserted = message.option(Option.RELAY_INFORMATION)
        client = self._asked.get((vlan, station))
        if client is None:
            return Passage(frame)
        if inserted is not None and inserted == self.information(vlan, client):
            frame = carried.with_information(None)
        if message.type is DhcpType.ACK and message.yours != NOBODY:
            seconds = message.number(Option.LEASE_TIME)
            expires = None if seconds in (None, INFINITE) else self.device.now + (seconds or 0)
            self.bind(Binding(vlan, station, message.yours, client, expires))
        return Passage(frame, lambda name: name == client)

    def _request(self, port: str, vlan: int, frame: bytes, carried: Carried) -> Passage | None:
        message = carried.message
        if self.port(port).trusted:
            self.statistics.forwarded += 1
            return Passage(frame, self._is_trusted)
        config = self.device.config.of(SnoopingConfig)
        present = message.option(Option.RELAY_INFORMATION) is not None
        if (config.verify_relay and message.relay != NOBODY) or (present and not config.allow_untrusted):
            self._say(
                "NONZERO_GIADDR",
                "drop message with non-zero giaddr or option82 value on untrusted port, "
                f"{_type(carried)}, {_source(carried)}",
            )
            self._refuse(port, RELAYED, "a relay agent behind an untrusted port")
            return None
        station = message.station
        if config.verify_mac and station != carried.frame.source:
            chaddr = station.dotted if station is not None else message.hardware.hex()
            self._say(
                "MATCH_MAC_FAIL",
                f"drop message because the chaddr doesn't match source mac, {_type(carried)}, "
                f"chaddr: {chaddr}, {_source(carried)}",
            )
            self._refuse(port, WRONG_MAC, "the client's hardware address is not the frame's source")
            return None
        if station is not None and not self._from_its_port(port, vlan, station, carried):
            self._refuse(port, MISPLACED, "the address was given to a client at another port")
            return None
        if station is not None:
            self._asked.pop((vlan, station), None)
            self._asked[vlan, station] = port
            if len(self._asked) > MOST_CLIENTS:
                del self._asked[next(iter(self._asked))]
        self.statistics.forwarded += 1
        if config.insertion and not present and message.relay == NOBODY:
            frame = carried.with_information(self.information(vlan, port))
        return Passage(frame, self._is_trusted)

    def _from_its_port(self, port: str, vlan: int, station: MacAddress, carried: Carried) -> bool:
        """Whether a RELEASE or DECLINE comes from where its client is; the binding then goes."""
        if carried.message.type not in (DhcpType.RELEASE, DhcpType.DECLINE):
            return True
        binding = self.bindings.get(vlan, station)
        if binding is None:
            return True
        if binding.port != port:
            self._say(
                "FAKE_INTERFACE",
                "drop message with mismatched source interface, the binding is not updated, "
                f"{_type(carried)}, {_source(carried)}, vlan: {vlan}, "
                f"server: {carried.message.address(Option.SERVER_IDENTIFIER) or NOBODY}",
            )
            return False
        self.bindings.remove(binding)
        self._plan()
        return True

    def information(self, vlan: int, port: str) -> bytes:
        """Option 82 of a client at a port."""
        return written(vlan, self._number(port), self.device.switch_mac)

    def _number(self, port: str) -> int:
        names = list(self.device.model.switch_ports)
        ports = self.device.service(Bridge).physical(port)
        return names.index(ports[0]) if ports else 0

    def _is_trusted(self, port: str) -> bool:
        return self.port(port).trusted

    # --- limits --------------------------------------------------------------------------------------

    def _within_rate(self, port: str) -> bool:
        limit = self.port(port).rate
        if limit is None:
            return True
        count = self._bursts.count(port, 1.0, self.device.now).count
        if count <= limit:
            return True
        short, log = short_name(port), self.device.log
        if not self.device.interfaces[port].err_disabled:
            log(
                "DHCP_SNOOPING", 4, "DHCP_SNOOPING_ERRDISABLE_WARNING",
                f"DHCP Snooping received {count} DHCP packets on interface {short}",
            )  # fmt: skip
            log(
                "DHCP_SNOOPING", 4, "DHCP_SNOOPING_RATE_LIMIT_EXCEEDED",
                f"The interface {short} is receiving more than the threshold set",
            )  # fmt: skip
        for name in self.device.service(Bridge).physical(port):
            self.device.service(Errdisable).disable(name, CAUSE)
        self._refuse(port, RATE, f"more than {limit} DHCP packets in a second")
        return False

    def _refuse(self, port: str | None, reason: str, text: str) -> None:
        self.statistics.dropped[reason] += 1
        context = self.device.scheduler.context
        if context is not None:
            line = Line(f"interface {port}", ("ip dhcp snooping",)) if port else Line("ip dhcp snooping")
            context.drop(self.device.name, "DHCP snooping", f"{port}: {text}", line)

    def _say(self, mnemonic: str, text: str) -> None:
        self.device.log("DHCP_SNOOPING", 5, f"DHCP_SNOOPING_{mnemonic}", f"DHCP_SNOOPING {text}")

    # --- leases --------------------------------------------------------------------------------------

    def _plan(self) -> None:
        due = self.bindings.next_expiry()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if due is None else self.device.scheduler.at(due, self._expired)

    def _expired(self) -> None:
        self._timer = None
        self.bindings.expire(self.device.now)
        self._plan()


def _type(carried: Carried) -> str:
    kind = carried.message.type
    name = f"DHCP{kind.name}" if kind is not None else f"BOOT{Op(carried.message.op).name}"
    return f"message type: {name}"


def _source(carried: Carried) -> str:
    return f"MAC sa: {carried.frame.source.dotted}"
