"""`crypto map NAME SEQUENCE …` and the crypto maps on interfaces."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import ClassVar

from iosemu.ike.types import Phase2Proposal
from iosemu.ipsec.selectors import Selector
from iosemu.subjects.crypto.config.ipsec import Dummies
from iosemu.subjects.crypto.config.remote_access import ClientAccess
from iosemu.subjects.crypto.config.session_keys import ManualKeys

GROUPS: dict[str, int] = {f"group{number}": number for number in (1, 2, 5, 14, 15, 16, 19, 20, 21, 24)}
"""Words of `set pfs`."""


@dataclass
class CryptoMapEntry:
    """One entry of a crypto map; complete once it has a peer and a matched access list."""

    name: str
    sequence: int
    description: str = ""
    peers: list[IPv4Address | str] = field(default_factory=list)
    """Tried in turn; a host name is looked up when it is needed."""
    default_peer: IPv4Address | str | None = None
    """The peer that is tried first when there are no SAs."""
    transform_sets: list[str] = field(default_factory=list)
    responder_only: bool = False
    """Of a profile: SAs are never asked for by this side."""
    access_list: str | None = None
    selector: Selector | None = None
    """What the protection of a tunnel covers, in the place of an access list."""
    offered: tuple[Phase2Proposal, ...] = ()
    """What an Easy VPN client offers, in the place of transform sets."""
    client: str | None = None
    """The Easy VPN client whose entry it is."""
    profile: str | None = None
    """Name of the IPsec profile that the entry of a tunnel was made from."""
    pfs_group: int | None = None
    lifetime_seconds: int | None = None
    """None: that of `crypto ipsec security-association lifetime`."""
    lifetime_kilobytes: int | None = None
    per_host: bool = False
    idle_time: int | None = None
    replay_window: int | None = None
    """Packets; 0: replays are not looked for. None: as `crypto ipsec security-association replay` says."""
    dummies: Dummies | None = None
    """None: as `crypto ipsec security-association dummy` says."""
    pre_classify: bool = False
    """`qos pre-classify`: what is protected is classified by what is in it."""
    idle_default: bool = False
    """After idle time the default peer has its turn."""
    dynamic: str | None = None
    """Name of the dynamic map this entry stands for."""
    gdoi: bool = False
    """Its SAs are those of a group; the access list, of lines that deny, is what this member keeps in clear."""
    manual: ManualKeys | None = None
    """Its SAs are made of these keys, without IKE."""
    group: str | None = None
    """The GDOI group that it stands for."""
    identity: str | None = None
    """What the peer has to be (`crypto identity`), beside its address."""
    isakmp_profile: str | None = None
    ikev2_profile: str | None = None
    """Negotiated by IKEv2, under this profile; None: by IKEv1."""
    reverse_route: bool = False
    reverse_route_static: bool = False
    """Routes stand as long as the map is applied, not only while there are SAs."""
    reverse_route_gateway: IPv4Address | None = None
    """`remote-peer A`: the way to the peer itself is a route, too, by this next hop."""
    reverse_route_tag: int | None = None
    reverse_route_distance: int | None = None
    """`set reverse-route tag|distance N`."""
    access_group_in: str | None = None
    access_group_out: str | None = None

    @property
    def kind(self) -> str:
        """The word of its type."""
        if self.manual is not None:
            return "ipsec-manual"
        return "gdoi" if self.gdoi else "ipsec-isakmp"

    @property
    def complete(self) -> bool:
        """Whether it can protect anything by itself (an entry for a dynamic map cannot)."""
        what = self.access_list is not None or self.selector is not None
        return bool(self.peers) and what and bool(self.transform_sets or self.offered)


def map_mode(entry: CryptoMapEntry) -> str:
    """The configuration mode of an entry: what is negotiated cannot be set where keys are typed."""
    return "config-crypto-map" if entry.manual is None else "config-crypto-map-manual"


@dataclass
class DynamicMap:
    """`crypto dynamic-map NAME`: templates for peers that nobody knows beforehand."""

    name: str
    entries: dict[int, CryptoMapEntry] = field(default_factory=dict)

    def entry(self, sequence: int) -> CryptoMapEntry:
        """The template of that number, made when new."""
        if sequence not in self.entries:
            self.entries[sequence] = CryptoMapEntry(self.name, sequence)
            self.entries = dict(sorted(self.entries.items()))
        return self.entries[sequence]


@dataclass
class CryptoMap:
    """All entries of one name, in sequence order."""

    name: str
    entries: dict[int, CryptoMapEntry] = field(default_factory=dict)
    local_address: str | None = None
    """Interface whose address IKE and ESP use."""
    isakmp_profile: str | None = None
    """`crypto map NAME isakmp-profile P`: of entries that name none."""
    replay_interval: tuple[int, int] | None = None
    """`crypto map NAME redundancy replay-interval`: inbound and outbound; kept without behaviour."""
    clients: ClientAccess = field(default_factory=ClientAccess)

    @property
    def empty(self) -> bool:
        """Whether nothing of it is left."""
        said = (self.local_address, self.isakmp_profile, self.replay_interval)
        return not self.entries and said == (None, None, None) and self.clients == ClientAccess()

    def entry(self, sequence: int) -> CryptoMapEntry:
        """The entry of that number, made when new."""
        if sequence not in self.entries:
            self.entries[sequence] = CryptoMapEntry(self.name, sequence)
            self.entries = dict(sorted(self.entries.items()))
        return self.entries[sequence]


@dataclass
class CryptoMapsConfig:
    """All crypto maps by name; which interface uses which stands with the interface."""

    maps: dict[str, CryptoMap] = field(default_factory=dict)
    dynamic: dict[str, DynamicMap] = field(default_factory=dict)
    profiles: dict[str, CryptoMapEntry] = field(default_factory=dict)
    default_profile: bool = True
    """The built-in IPsec profile, where the image has it, is on."""
    """`crypto ipsec profile NAME`: what the protection of tunnels is made from."""

    def get(self, name: str | None) -> CryptoMap | None:
        """The map with at least one entry, or None."""
        found = self.maps.get(name) if name is not None else None
        return found if found is not None and found.entries else None

    def profile_of(self, entry: CryptoMapEntry) -> str | None:
        """The ISAKMP profile of an entry: its own, else that of its map."""
        whole = self.maps.get(entry.name)
        return entry.isakmp_profile or (whole.isakmp_profile if whole is not None else None)

    def make(self, name: str) -> CryptoMap:
        """The map, made when new."""
        return self.maps.setdefault(name, CryptoMap(name))

    def remove_dynamic(self, name: str, sequence: int | None = None) -> None:
        """Drop a dynamic map, or one template of it."""
        found = self.dynamic.get(name)
        if found is not None and sequence is not None:
            found.entries.pop(sequence, None)
        if found is not None and (sequence is None or not found.entries):
            del self.dynamic[name]

    def remove(self, name: str, sequence: int | None = None) -> bool:
        """Drop a map, or one entry of it; False when it is not there."""
        found = self.maps.get(name)
        if found is None:
            return False
        if sequence is None:
            del self.maps[name]
            return True
        removed = found.entries.pop(sequence, None) is not None
        if found.empty:
            del self.maps[name]
        return removed


@dataclass(frozen=True)
class CryptoMapStyle:
    """How an image prints crypto maps."""

    stem: ClassVar[str] = "crypto_map"

    ipv4_label: bool = True
    """`Crypto Map IPv4 "NAME"`."""
    responder_only: bool = True
    tabs: bool = True
    announce_new: bool = True
    """The note that a new entry is disabled until it is complete."""


@dataclass
class CryptoMapBinding:
    """`crypto map NAME` under `interface X`."""

    name: str | None = None
    redundancy: str = ""
    """`redundancy NAME`: SAs belong to the address of that first-hop group, while it is active here."""
