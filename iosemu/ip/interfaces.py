"""The interfaces of an IP stack, and which of its routing instances each is in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Interface
from typing import ClassVar

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_types import Medium
from iosemu.box.service import Service
from iosemu.ip.config import IpSettings, VrfForwarding
from iosemu.ip.counters import IpCounters
from iosemu.ip.virtual import VirtualAddresses
from iosemu.ip.vrf import Vrf
from iosemu.net.arp_table import Unresolved
from iosemu.net.routing import Hop, Route
from iosemu.net.scheduler import Timer
from iosemu.packets.addresses import MacAddress


class IpInterfaces(Service, ABC):
    """What a stack knows of itself: interfaces, the addresses on them, and where packets go.

    `routes`, `arp` and `subnets`, and the questions that name no instance, are those of the default one. Who serves
    an interface or a socket asks `vrf_of(INTERFACE)` or `vrf(NAME)`.
    """

    __slots__ = (
        "_addresses", "_homes", "_lenders", "_telling", "arp", "counters", "default", "forwarding",
        "interfaces", "route_listeners", "routes", "subnets", "virtual", "vrf_listeners", "vrfs",
    )  # fmt: skip

    when_unresolved: ClassVar[Unresolved] = Unresolved.DROP
    """What happens to a packet whose next hop ARP does not know yet."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.forwarding = False
        """Packets of others are passed on."""
        self.interfaces: dict[str, Interface] = {}
        """Those of all instances."""
        self.default = Vrf(self)
        self.vrfs: dict[str, Vrf] = {"": self.default}
        """All instances by name, the default one first."""
        self._homes: dict[str, Vrf] = {}
        """The instances of interfaces that are not in the default one."""
        self.routes = self.default.routes
        self.arp = self.default.arp
        self.subnets = self.default.subnets
        self.counters = IpCounters()
        self.virtual = VirtualAddresses(self)
        self.vrf_listeners: list[Callable[[str], object]] = []
        """Told the name of an instance that is no more."""
        self.route_listeners: list[Callable[[Vrf, tuple[Route, ...], tuple[Route, ...]], object]] = []
        """Told of a prefix whose installed routes changed: the instance, those before, those now."""
        self._telling: Timer | None = None
        self._addresses: dict[str, list[IPv4Interface]] = {}
        """The addresses of each interface, as they were last taken over."""
        self._lenders: dict[str, str] = {}
        """Interfaces without a number of their own, with those whose address they use."""

    @abstractmethod
    def transmit(self, interface: Interface, mac: MacAddress, packet: bytes) -> None:
        """Put a finished packet into a frame."""

    @abstractmethod
    def unresolved(self, packets: Iterable[bytes]) -> None:
        """Packets waited in vain for their next hop."""

    # --- instances -----------------------------------------------------------------------------------

    def vrf_of(self, interface: str) -> Vrf:
        """The instance that an interface is in."""
        return self._homes.get(interface, self.default)

    def vrf(self, name: str) -> Vrf:
        """The instance of this name, made when it is asked for first; the default one has none."""
        found = self.vrfs.get(name)
        if found is None:
            found = self.vrfs[name] = Vrf(self, name)
            with found.routes.batch():
                for interface in self.interfaces.values():
                    found.routes.interface_up(interface.name, interface.protocol_up)
        return found

    def find_vrf(self, name: str) -> Vrf | None:
        """The instance of this name, the default one for none; None where there is no such instance."""
        return self.vrfs.get(name)

    def remove_vrf(self, name: str) -> None:
        """Forget an instance; `place_all` puts its interfaces where they belong then. The default one stays."""
        found = self.vrfs.get(name)
        if not name or found is None:
            return
        del self.vrfs[name]
        found.routes.clear()
        found.arp.stop()
        for told in self.vrf_listeners:
            told(name)
        self.tell_routes()

    def set_static_routes(self, owner: object, routes: Iterable[Route]) -> None:
        """`Vrf.set_static_routes` of the default instance."""
        self.default.set_static_routes(owner, routes)

    # --- interfaces ----------------------------------------------------------------------------------

    def attach(self, interface: Interface) -> None:
        """Run IP on an interface; its owner hands untagged frames to `receive`."""
        self.interfaces[interface.name] = interface
        self._place(interface)
        self._borrow(interface)
        self._take_up(interface)
        self._lend(interface.name)

    def detach(self, interface: Interface) -> None:
        """Stop running IP on an interface."""
        if self.interfaces.pop(interface.name, None) is None:
            return
        self._interface_up(interface.name, False)
        self.vrf_of(interface.name).leave(interface)
        self._homes.pop(interface.name, None)
        self._lenders.pop(interface.name, None)
        self._lend(interface.name)

    def _borrow(self, interface: Interface) -> bool:
        """Use the address of the lender that `ip unnumbered` names; whether that is another one than before."""
        settings = interface.config.of(IpSettings)
        before = self._lenders.get(interface.name, "")
        if settings.unnumbered:
            lender = self.interfaces.get(settings.unnumbered)
            settings.address = lender.config.of(IpSettings).address if lender is not None else None
            self._lenders[interface.name] = settings.unnumbered
        else:
            self._lenders.pop(interface.name, None)
        return before != settings.unnumbered

    def _lend(self, name: str) -> None:
        """Tell those who use the address of an interface that it may be another one now."""
        for borrower in [each for each, lender in self._lenders.items() if lender == name]:
            if borrower in self.interfaces:
                self.interface_configured(self.interfaces[borrower])

    def _place(self, interface: Interface) -> bool:
        """Put an interface into the instance that it is configured for; whether that is another one than before."""
        settings = interface.config.held(VrfForwarding)
        wanted = self.find_vrf(settings.name if settings is not None else "") or self.default
        before = self.vrf_of(interface.name)
        if wanted is before:
            return False
        before.leave(interface)
        if wanted is self.default:
            self._homes.pop(interface.name, None)
        else:
            self._homes[interface.name] = wanted
        return True

    def _interface_up(self, name: str, up: bool) -> None:
        """Routes of all instances may leave by an interface."""
        for each in self.vrfs.values():
            each.routes.interface_up(name, up)

    def place_all(self) -> None:
        """VRFs came or went: put interfaces where they belong now."""
        for interface in list(self.interfaces.values()):
            settings = interface.config.held(VrfForwarding)
            wanted = self.vrfs.get(settings.name if settings is not None else "")
            if self.vrf_of(interface.name) is not (wanted or self.default):
                self.interface_configured(interface)

    def interface_configured(self, interface: Interface) -> None:
        """Take over the addresses of an interface when they are others than before, and tell everybody."""
        name, settings = interface.name, interface.config.of(IpSettings)
        if name not in self.interfaces:
            self.vrf_of(name).arp.table.set_ageing(name, float(settings.arp_timeout))
            return
        moved = self._place(interface)
        moved = self._borrow(interface) or moved
        arp = self.vrf_of(name).arp
        arp.table.set_ageing(name, float(settings.arp_timeout))
        if not moved and self._addresses.get(name, []) == settings.addresses:
            return
        if interface.protocol_up:
            arp.interface_down(interface)
        self._take_up(interface)
        if interface.protocol_up and self.is_ethernet(interface):
            arp.announce(interface)
        self.device.addresses_changed(interface)
        self._lend(name)

    def protocol_changed(self, interface: Interface) -> None:
        """Its addresses and routes come and go with the line protocol."""
        if interface.name not in self.interfaces:
            return
        arp = self.vrf_of(interface.name).arp
        if not interface.protocol_up:
            arp.interface_down(interface)
        self._take_up(interface)
        if interface.protocol_up and self.is_ethernet(interface):
            arp.announce(interface)

    def _take_up(self, interface: Interface) -> None:
        """Work out the addresses and routes of one interface again."""
        vrf = self.vrf_of(interface.name)
        with vrf.routes.batch():
            self._interface_up(interface.name, interface.protocol_up)
            self._addresses[interface.name] = list(interface.config.of(IpSettings).addresses)
            vrf.take_up(interface)

    def tell_routes(self) -> None:
        """Tell all services, at the end of this moment, that a table changed."""
        if self._telling is None and self.device.powered:
            self._telling = self.device.scheduler.after(0.0, self._tell_routes)

    def _tell_routes(self) -> None:
        self._telling = None
        self.device.routes_changed()

    # --- questions -----------------------------------------------------------------------------------

    def is_ethernet(self, interface: Interface) -> bool:
        """Whether neighbours on the interface are found by ARP."""
        return interface.type.medium is Medium.ETHERNET

    def is_local(self, address: IPv4Address) -> bool:
        """Whether the address is one of ours, in the default instance, on an interface that is up."""
        return address in self.default.local

    def interface_of(self, address: IPv4Address) -> Interface | None:
        """The interface in the default instance that has this address and is up."""
        return self.default.interface_of(address)

    def hop(self, destination: IPv4Address) -> Hop | None:
        """Interface and next hop towards a destination in the default instance, None without a route."""
        return self.routes.hop(destination)

    def source_for(self, destination: IPv4Address) -> IPv4Address | None:
        """`Vrf.source_for` of the default instance."""
        return self.default.source_for(destination)

    def address_towards(self, interface: str, neighbour: IPv4Address) -> IPv4Interface | None:
        """The address on an interface whose subnet holds `neighbour`, else its primary address."""
        addresses = (
            self.interfaces[interface].config.of(IpSettings).addresses if interface in self.interfaces else []
        )
        for address in addresses:
            if neighbour in address.network:
                return address
        return addresses[0] if addresses else None
