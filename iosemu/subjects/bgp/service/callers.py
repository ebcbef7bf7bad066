"""Neighbors that nobody configured: they call from a `bgp listen range`, and are gone with their sessions."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.routing.bgp import PeerConfig, Speaker
from iosemu.subjects.bgp.config import Family
from iosemu.subjects.bgp.service.policies import Policies


class Callers:
    """Those of one routing instance.

    `config_of` makes an engine's configuration of a neighbor, `forget` takes a neighbor out of the engine.
    """

    def __init__(
        self,
        device: Device,
        family: Family,
        speaker: Speaker,
        policies: Policies,
        config_of: Callable[[IPv4Address], PeerConfig],
        forget: Callable[[IPv4Address], None],
    ) -> None:
        self.device = device
        self._family = family
        self._speaker = speaker
        self._policies = policies
        self._config_of = config_of
        self._forget = forget

    def admits(self, address: IPv4Address) -> bool:
        """Whether a connection is taken; one from a range makes a neighbor of who calls."""
        speaker, dynamic, limit = self._speaker, self._policies.dynamic, self._family.listen_limit
        if address in speaker.peers:
            return speaker.wants(address)
        if len(dynamic) >= limit:
            for each in [each for each in dynamic if not speaker.peers[each].sessions]:
                self._forget(each)  # it called and said nothing
        group = self._family.listening(address)
        if group is None or len(dynamic) >= limit:
            return False
        dynamic[address] = group
        if not self.may_come(address):
            del dynamic[address]
            return False
        self.configure([address])
        return speaker.wants(address)

    def may_come(self, address: IPv4Address) -> bool:
        """Whether a range and a peer group with an AS still stand for a neighbor that called."""
        group = self._policies.dynamic.get(address)
        return (
            group is not None
            and self._family.listening(address) == group
            and self._policies.effective(address).remote_as is not None
        )

    def configure(self, addresses: list[IPv4Address] | None = None) -> None:
        """Take over what their peer groups say."""
        for address in list(self._policies.dynamic) if addresses is None else addresses:
            self._speaker.set_peer(self._config_of(address), self.device.now)

    def see_off(self) -> None:
        """Those whose sessions have ended are no neighbors any more."""
        for address in list(self._policies.dynamic):
            peer = self._speaker.peers[address]
            if not peer.sessions and peer.messages_out:
                self._forget(address)

    def keys(self) -> dict[IPv4Network, str]:
        """The passwords of the ranges."""
        groups = ((network, self._family.groups.get(name)) for network, name in self._family.listens.items())
        return {
            network: each.password.clear
            for network, each in groups
            if each is not None and each.password is not None and each.password.clear
        }
