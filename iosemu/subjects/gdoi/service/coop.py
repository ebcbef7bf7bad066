"""Co-operative key servers of one group: who of them leads, and what the others know of it.

One is primary: it makes keys and sends rekeys, and announces both to the others, which let members register meanwhile.
When it falls silent the best that has the keys takes its place, by priority and then by address; nobody takes it away
from one that lives. What is announced stands in `gdoi/coop.py`; Cisco published neither that nor all of the timers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.gdoi.coop import Announcement
from iosemu.ike.header import MalformedMessage

if TYPE_CHECKING:
    from iosemu.subjects.gdoi.service.keyserver import KeyServer

REFRESH = 20.0
"""Seconds between two announcements of the primary (measured)."""
PERIODIC = 30.0
"""Seconds without one after which a secondary asks the primary."""
RETRY, RETRIES = 10.0, 2
"""Seconds between two questions without an answer, and how many follow the first until the primary counts as dead."""
ELECTION = 40.0
"""Seconds that one without keys listens for a primary (measured)."""
FAILED_AFTER = 2
"""Announcements in a row that found no phase 1 until a peer counts as unreachable."""


class Role(Enum):
    """What a key server is to its peers."""

    ELECTION = "Election"
    PRIMARY = "Primary"
    SECONDARY = "Secondary"


@dataclass
class Peer:
    """Another key server, as this one knows it."""

    address: IPv4Address
    priority: int = 0
    primary: bool = False
    keyed: bool = False
    """It has the keys of the group."""
    heard: float | None = None
    """Lab time."""
    unreachable: bool = False
    failures: int = 0
    sequence: int = 0
    members: frozenset[IPv4Address] = frozenset()
    """Those that it told of last."""
    sent: int = 0
    sent_asking: int = 0
    received: int = 0
    received_asking: int = 0
    send_drops: int = 0
    receive_drops: int = 0
    octets_sent: int = 0
    octets_received: int = 0


@dataclass
class Cooperation:
    """The part of one key server in `redundancy`."""

    server: KeyServer
    role: Role = Role.ELECTION
    primary: IPv4Address | None = None
    """Who leads, or did before an election."""
    peers: dict[IPv4Address, Peer] = field(default_factory=dict)
    sequence: int = 0
    """Of the last announcement of this side."""
    retries: int = 0
    due: float = 0.0
    """Lab time at which there is something to do."""

    @property
    def priority(self) -> int:
        """Of this side; the greatest leads."""
        redundancy = self.server.local.redundancy
        return redundancy.priority if redundancy is not None else 1

    @property
    def leads(self) -> bool:
        """Whether this side makes the keys."""
        return self.role is Role.PRIMARY

    # --- configuration -----------------------------------------------------------------------------------

    def fit(self, wanted: list[IPv4Address]) -> None:
        """Have these peers."""
        name = self.server.group.name
        for address in [each for each in self.peers if each not in wanted]:
            del self.peers[address]
            self._log(5, "COOP_KS_REMOVE", f"{address} removed as COOP Key Server in group {name}.")
        for address in wanted:
            if address not in self.peers:
                self.peers[address] = Peer(address)
                self._log(5, "COOP_KS_ADD", f"{address} added as COOP Key Server in group {name}.")

    # --- election ----------------------------------------------------------------------------------------

    def elect(self) -> None:
        """Look for who leads: at once among those that have the keys, else after listening for a while."""
        self.role, self.retries = Role.ELECTION, 0
        text = f"KS entering election mode in group {self.server.group.name} (Previous Primary = {self._before()})"
        self._log(5, "COOP_KS_ELECTION", text)
        self.due = self.server.now + (0.0 if self.server.keyed else ELECTION)
        self.announce(asking=True)
        self.server.service.arm()

    def _before(self) -> str:
        return str(self.primary) if self.primary is not None else "NONE"

    def _decide(self) -> None:
        now, server = self.server.now, self.server
        rivals = [
            (each.keyed, each.priority, each.address)
            for each in self.peers.values()
            if not each.unreachable and each.heard is not None and now - each.heard <= 2 * ELECTION
        ]
        if (server.keyed, self.priority, server.address) > max(rivals, default=(False, 0, IPv4Address(0))):
            self._lead()
            return
        self.retries += 1
        self.due = now + ELECTION
        if self.retries > RETRIES:  # who should lead does not
            self._lead()
            return
        self.announce(asking=True)

    def _lead(self) -> None:
        server = self.server
        text = (
            f"KS {server.address} in group {server.group.name} transitioned to Primary "
            f"(Previous Primary = {self._before()})"
        )
        self.role, self.primary, self.retries = Role.PRIMARY, server.address, 0
        self._log(5, "COOP_KS_TRANS_TO_PRI", text)
        self.due = server.now + REFRESH
        server.refresh()
        self.announce()

    # --- time --------------------------------------------------------------------------------------------

    def next_due(self) -> float:
        """Lab time at which `tick` has something to do."""
        return self.due

    def tick(self) -> None:
        """Do what is due."""
        now = self.server.now
        if now < self.due:
            return
        if self.role is Role.PRIMARY:
            self.due = now + REFRESH
            self.announce()
        elif self.role is Role.ELECTION:
            self._decide()
        elif self.retries <= RETRIES:
            self.retries += 1
            self.due = now + RETRY
            self._tell(self.primary, asking=True)
        else:
            self._lost()

    def _lost(self) -> None:
        """The primary is silent."""
        peer = self.peers.get(self.primary) if self.primary is not None else None
        if peer is not None:
            self._unreachable(peer)
            peer.primary = peer.keyed = False
            self.server.service.disconnect(self.server.address, peer.address)
        self.elect()

    # --- announcements -----------------------------------------------------------------------------------

    def announce(self, *, asking: bool = False) -> None:
        """Tell all peers how this side stands."""
        for address in self.peers:
            self._tell(address, asking=asking)

    def _tell(self, address: IPv4Address | None, *, asking: bool = False) -> None:
        peer = self.peers.get(address) if address is not None else None
        if peer is None:
            return
        server = self.server
        self.sequence += 1
        announcement = server.announcement(self.priority, self.sequence, primary=self.leads, asking=asking)
        if asking:
            peer.sent_asking += 1
        else:
            peer.sent += 1
        if server.service.connected(server.address, peer.address):
            peer.failures = 0
            peer.octets_sent += announcement.size
        else:
            peer.send_drops += peer.failures > 0  # the one before never left
            peer.failures += 1
            if peer.failures > FAILED_AFTER:
                self._unreachable(peer)
        server.service.announce(server.address, peer.address, announcement)

    def _unreachable(self, peer: Peer) -> None:
        if peer.unreachable:
            return
        peer.unreachable = True
        connected = self.server.service.connected(self.server.address, peer.address)
        status = "Established" if connected else "Failed to establish"
        text = (
            f"Cooperative KS {peer.address} Unreachable in group {self.server.group.name}. "
            f"IKE SA Status = {status}."
        )
        self._log(3, "COOP_KS_UNREACH", text)

    def heard(self, address: IPv4Address, announcement: Announcement) -> None:
        """Take what another key server tells."""
        server, peer = self.server, self.peers.get(address)
        if peer is None:
            text = (
                f"Contact from unauthorized KS {address} in group {server.group.name} at local address "
                f"{server.address} (Possible MISCONFIG of peer/local address)"
            )
            self._log(1, "COOP_KS_UNAUTH", text)
            return
        try:
            policy = announcement.policy(server.now)
        except MalformedMessage:
            peer.receive_drops += 1
            return
        if announcement.wants_reply:
            peer.received_asking += 1
        else:
            peer.received += 1
        peer.octets_received += announcement.size
        peer.heard, peer.failures = server.now, 0
        peer.priority, peer.sequence, peer.keyed = (
            announcement.priority,
            announcement.sequence,
            announcement.keyed,
        )
        if peer.unreachable:
            peer.unreachable = False
            text = f"Reachability restored with Cooperative KS {address} in group {server.group.name}."
            self._log(5, "COOP_KS_REACH", text)
        led, peer.primary = peer.primary, announcement.primary
        told = frozenset(announcement.members)
        server.known_by(address, told - peer.members, peer.members - told)
        peer.members = told
        better = (announcement.priority, address) > (self.priority, server.address)
        if announcement.primary and self.leads and not better:
            # both led while they did not hear each other: the other one yields to this one, whose keys all get
            server.sequence = max(server.sequence, announcement.grant.sequence if announcement.grant else 0)
            server.distribute()
            self.announce()
        elif announcement.primary:
            follows = self.role is Role.SECONDARY and self.primary == address
            self.role, self.primary, self.retries = Role.SECONDARY, address, 0
            self.due = server.now + PERIODIC
            if policy is not None and announcement.grant is not None:
                server.adopt(policy, announcement.grant.sequence)
            if not follows and not announcement.wants_reply:
                self._tell(address)
        elif led and self.role is Role.SECONDARY and address == self.primary:
            self.elect()  # it has begun anew, without keys
        if announcement.wants_reply:
            self._tell(address)
        server.service.arm()

    def _log(self, severity: int, mnemonic: str, text: str) -> None:
        self.server.device.log("GDOI", severity, mnemonic, text)
