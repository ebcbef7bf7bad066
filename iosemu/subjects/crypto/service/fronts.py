"""The routing instances in which peers are spoken to (front-door VRFs)."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.ip.stack import IpStack
from iosemu.ip.vrf import Vrf

_REMEMBERED = 4096


class Fronts:
    """What IKE knows by two addresses is in the instance that was last seen to hold them.

    The same two addresses in two instances at once are more than IKE's tables can tell apart.
    """

    def __init__(self, device: Device) -> None:
        self.device = device
        self._noted: dict[tuple[IPv4Address, IPv4Address], str] = {}

    def note(self, local: IPv4Address, peer: IPv4Address, vrf: str) -> None:
        """These two speak in this instance; the default one needs no note unless another was noted."""
        self._noted.pop((local, peer), None)
        if vrf:
            self._noted[local, peer] = vrf
            if len(self._noted) > _REMEMBERED:
                del self._noted[next(iter(self._noted))]

    def of(self, local: IPv4Address, peer: IPv4Address | None = None) -> Vrf:
        """The instance of an address of ours and a peer: as noted, else the first that has the address."""
        stack = self.device.service(IpStack)
        noted = self._noted.get((local, peer)) if peer is not None else None
        found = stack.find_vrf(noted) if noted is not None else None
        if found is not None:
            return found
        return next((each for each in stack.vrfs.values() if each.is_local(local)), stack.default)

    def is_ours(self, local: IPv4Address) -> bool:
        """Whether an address is one of ours in any instance."""
        return any(each.is_local(local) for each in self.device.service(IpStack).vrfs.values())
