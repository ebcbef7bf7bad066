"""Which router a host may be sent to where HSRP runs (Cisco's "HSRP Support for ICMP Redirect Messages")."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.firsthop.hsrp import State
from iosemu.ip.virtual import Told
from iosemu.packets.hsrp import HsrpAdvertisement
from iosemu.subjects.hsrp.config import HsrpPort

if TYPE_CHECKING:
    from iosemu.subjects.hsrp.service import Hsrp


def heard_of(hsrp: Hsrp, interface: str, router: IPv4Address, message: HsrpAdvertisement) -> None:
    """Know for a while whether a router is active in some group."""
    port = hsrp.ports.get(interface)
    if port is None:
        return
    if message.active:
        port.passive.pop(router, None)
    else:
        holddown = hsrp.device.interfaces[interface].config.of(HsrpPort).redirect_times[1]
        port.passive[router] = hsrp.device.now + holddown


def redirected(hsrp: Hsrp, interface: Interface, router: IPv4Address, station: bytes | None) -> Told | None:
    """Where a host is sent that had better go by `router`: its frame was for `station`.

    To a virtual address that the router answers for now; to no router that is active nowhere, as it may be the one
    that fails; to one without HSRP if it may be.
    """
    config, port = interface.config.of(HsrpPort), hsrp.ports[interface.name]
    if not config.redirects:
        return None
    running = hsrp.of(interface.name)
    own = (
        each.engine.address
        for each in running
        if each.engine.state is State.ACTIVE and bytes(hsrp.station(each)) == station
    )
    source = next(own, None)
    for each in running:
        active, address = each.engine.active, each.engine.address
        if active is not None and address is not None and active.address == router:
            port.hits[router] += 1
            return address, source
    if port.passive.get(router, 0.0) > hsrp.device.now:
        port.hits[router] += 1
        return None
    return (router, source) if config.redirect_unknown else None
