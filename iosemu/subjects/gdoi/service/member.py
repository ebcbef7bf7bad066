"""A member of one group: it registers, takes rekeys, and holds the policy and the SAs of the group."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Protocol

from iosemu.gdoi.engine import GdoiEngine
from iosemu.gdoi.exchange import Grant
from iosemu.gdoi.policy import Policy, Rule, Tek, unpack
from iosemu.gdoi.rekey import Kek, Unverified, acknowledge, open_push
from iosemu.ike.header import MalformedMessage
from iosemu.ike.sa import GDOI_PORT
from iosemu.ipsec.replay import ReplayWindow
from iosemu.ipsec.sadb import ESP, SadbPair, SecurityAssociation
from iosemu.ipsec.selectors import Selector
from iosemu.ipsec.transforms import Protection
from iosemu.pki.rsa import PublicKey
from iosemu.subjects.crypto.config.maps import CryptoMapEntry
from iosemu.subjects.crypto.config.session_keys import AUTHENTICATORS, CIPHERS
from iosemu.subjects.crypto.service.flow import CryptoFlow
from iosemu.subjects.gdoi.config import GdoiGroup

if TYPE_CHECKING:
    from iosemu.box.device import Device

PATIENCE = 40.0
"""Seconds after which the next key server is asked."""
SWITCH = 30.0
"""Seconds before its end at which a TEK leaves the sending to its successor."""
REGISTER_AHEAD = 60.0
"""Seconds before the end of the last TEK at which a member registers again that got no rekey, at least (a twentieth
of its life where that is more)."""
JITTER = 0.02
"""Of the TEK's life: members do not all register at one moment."""
ANYBODY = IPv4Address("0.0.0.0")  # noqa: S104 - no one peer
EVERYTHING = Selector(IPv4Network("0.0.0.0/0"), IPv4Network("0.0.0.0/0"))


class Box(Protocol):
    """What a member needs of its box."""

    device: Device
    engine: GdoiEngine

    def send(self, source: IPv4Address, destination: IPv4Address, data: bytes) -> None:
        """Send a datagram from port 848 to port 848."""
        ...

    def tell(self, area: str, level: str, group: str, text: str) -> None:
        """A line of debug."""
        ...

    def pump(self) -> None:
        """The engine may have something to send."""
        ...

    def arm(self) -> None:
        """Times have changed."""
        ...

    def installed(self, pair: SadbPair) -> None:
        """New SAs want their numbers."""
        ...

    def export_kek(self, kek: Kek) -> None:
        """Captures want the key of rekeys."""
        ...

    def new_conn_id(self) -> int:
        """A connection id, of those that ISAKMP SAs have."""
        ...


@dataclass
class LiveTek:
    """A TEK at work."""

    tek: Tek
    pair: SadbPair
    listed: bool = True
    """The last policy named it."""


@dataclass
class Rekeys:
    """What is counted of rekeys."""

    total: int = 0
    since_registration: int = 0
    acknowledged: int = 0
    last_at: float | None = None
    last_from: IPv4Address = ANYBODY
    last_sequence: int = 0


class GroupMember:
    """One group that a crypto map entry of type gdoi names."""

    def __init__(
        self, box: Box, group: GdoiGroup, entry: CryptoMapEntry, interfaces: list[str], local: IPv4Address
    ) -> None:
        self.box = box
        self.device = box.device
        self.group = group
        self.entry = entry
        self.identity = group.identity
        """Under which it is in the group."""
        self.interfaces = interfaces
        self.local = local
        self.registered = False
        self.server: IPv4Address | None = None
        """With which it is registered, or is about to."""
        self.attempted = self.succeeded = 0
        self.rules: tuple[Rule, ...] = ()
        self.teks: list[LiveTek] = []
        """Oldest first."""
        self.kek: Kek | None = None
        self.signer: PublicKey | None = None
        self.sequence = 0
        self.rekey_conn_id = 0
        self.rekeys = Rekeys()
        self.unicast = False
        self.flows: dict[tuple[str, Selector], CryptoFlow] = {}
        self._give_up_at: float | None = None
        self._again_at: float | None = None
        self._clock_offset = 0.0
        self._last_push: tuple[bytes, Kek, int] | None = None
        self._server_index = 0

    def use(self, interfaces: list[str]) -> None:
        """The crypto map is on these interfaces."""
        if interfaces != self.interfaces:
            self.interfaces = interfaces
            self._fit_flows()

    @property
    def now(self) -> float:
        """Lab time in seconds."""
        return self.device.now

    def clock(self) -> float:
        """Seconds of the group's clock."""
        return self.now + self._clock_offset

    @property
    def registering(self) -> bool:
        """Whether a registration is under way."""
        return self._give_up_at is not None

    @property
    def again_in(self) -> int:
        """Seconds until it registers again, or asks the next key server."""
        due = self._give_up_at if self._give_up_at is not None else self._again_at
        return max(0, int(due - self.now)) if due is not None else 0

    # --- registration ------------------------------------------------------------------------------------

    def register(self) -> None:
        """Ask the key server whose turn it is."""
        identity = self.identity
        if not self.group.servers or identity is None:
            return
        server = self.server = self.group.servers[self._server_index % len(self.group.servers)]
        self.attempted += 1
        self._again_at = None
        self._give_up_at = self.now + PATIENCE
        text = f"Start registration to KS {server} for group {self.group.name} using address {self.local}"
        self.device.log("CRYPTO", 5, "GM_REGSTER", text)
        self.box.engine.register(self.local, server, identity, self.now)
        self.box.arm()
        self.box.pump()

    def denied(self, server: IPv4Address) -> None:
        """The key server will not have it: the next one has its turn when patience ends."""
        self.box.tell("gm", "error", self.group.shown_identity, f"Registration refused by KS {server}")

    def downloaded(self, server: IPv4Address, grant: Grant) -> None:
        """Policy and keys came."""
        try:
            policy = unpack(grant, self.now)
        except MalformedMessage as error:
            self._refuse(str(error))
            return
        self.server = server
        if policy.kek is not None and not self.unicast:
            self.unicast = True
            text = f"Group {self.group.name} transitioned to Unicast Rekey."
            self.device.log("GDOI", 5, "GM_REKEY_TRANS_2_UNI", text)
        if not self._install(policy):
            return
        self._give_up_at = None
        self.sequence = grant.sequence
        self.rekeys.since_registration = 0
        self.registered = True
        self.succeeded += 1
        text = f"Registration to KS {server} complete for group {self.group.name} using address {self.local}"
        self.device.log("GDOI", 5, "GM_REGS_COMPL", text)
        self.box.arm()

    def _refuse(self, why: str) -> None:
        self.box.tell("gm", "error", self.group.shown_identity, f"Policy of the KS refused: {why}")

    # --- policy and keys ---------------------------------------------------------------------------------

    def _install(self, policy: Policy) -> bool:
        known = {live.tek.spi: live for live in self.teks}
        try:
            fresh = [LiveTek(tek, self._pair(tek)) for tek in policy.teks if tek.spi not in known]
        except (KeyError, ValueError) as error:
            self._refuse(str(error))
            return False
        self.rules = policy.rules
        if policy.pseudotime is not None:
            self._clock_offset = policy.pseudotime - self.now
        if policy.kek is None or self.kek is None or policy.kek.spi != self.kek.spi:
            self.rekey_conn_id = self.box.new_conn_id() if policy.kek is not None else 0
            if policy.kek is not None:
                self.box.export_kek(policy.kek)
        self.kek, self.signer = policy.kek, policy.signer
        named = {tek.spi: tek for tek in policy.teks}
        for live in self.teks:
            live.listed = live.tek.spi in named
            if live.listed:
                ends = min(live.tek.expires, named[live.tek.spi].expires)
                live.pair.lifetime_seconds = max(1, round(ends - live.pair.created))
        self.teks += fresh
        for live in fresh:
            self.box.installed(live.pair)
        self._choose()
        self._fit_flows()
        self._plan()
        return True

    def _pair(self, tek: Tek) -> SadbPair:
        protection = Protection(
            CIPHERS[tek.suite.cipher],
            tek.encryption_key,
            AUTHENTICATORS.get(tek.suite.auth),
            tek.authentication_key,
        )
        counted = tek.replay is not None and not tek.replay.time
        window = ReplayWindow(tek.replay.window if tek.replay is not None and counted else 0)
        inbound = SecurityAssociation(ESP, tek.spi, ANYBODY, self.local, protection, window=window)
        outbound = SecurityAssociation(ESP, tek.spi, self.local, ANYBODY, protection, window=ReplayWindow(0))
        timed = tek.replay is not None and tek.replay.time
        return SadbPair(
            EVERYTHING,
            self.local,
            ANYBODY,
            (inbound,),
            (outbound,),
            self.now,
            tek.lifetime,
            0,
            last_used=self.now,
            peer_port=GDOI_PORT,
            preserves=True,
            clock=self.clock if timed else None,
        )

    def _choose(self) -> None:
        """Who sends: the oldest TEK of the policy until its end is near, so that all have the next one by then."""
        now = self.now
        listed = [live for live in self.teks if live.listed and not live.pair.expired(now)]
        lasting = [live for live in listed if live.pair.expires - now > SWITCH]
        sender = lasting[0] if lasting else listed[-1] if listed else None
        for live in self.teks:
            live.pair.usable = live is sender

    def _fit_flows(self) -> None:
        pairs = [live.pair for live in self.teks]
        wanted = [rule.selector for rule in self.rules if rule.permit]
        for interface in self.interfaces:
            for selector in wanted:
                key = (interface, selector)
                if key not in self.flows:
                    self.flows[key] = CryptoFlow(interface, self.entry.name, self.entry.sequence, selector)
        self.flows = {
            key: flow for key, flow in self.flows.items() if key[0] in self.interfaces and key[1] in wanted
        }
        for flow in self.flows.values():
            flow.pairs = pairs

    def _plan(self) -> None:
        """When to register again, should no rekey come."""
        last = max((live.pair.expires for live in self.teks if live.listed), default=None)
        if last is None:
            return
        life = last - self.now
        ahead = max(REGISTER_AHEAD, life / 20) + life * JITTER * self.device.rng.random()
        self._again_at = max(self.now + 1.0, last - min(ahead, life / 2))
        self.box.arm()

    def next_due(self) -> float | None:
        """The earliest lab time at which there is something to be done."""
        times = [time for time in (self._give_up_at, self._again_at) if time is not None]
        for live in self.teks:
            times.append(live.pair.expires)
            if live.pair.usable and live.pair.expires - SWITCH > self.now:
                times.append(live.pair.expires - SWITCH)
        return min(times, default=None)

    def tick(self) -> None:
        """Do what is due."""
        now = self.now
        self.teks = [live for live in self.teks if not live.pair.expired(now)]
        self._choose()
        self._fit_flows()
        if self.kek is not None and self.kek.expires <= now:
            self.kek = None
        if self._give_up_at is not None and self._give_up_at <= now:
            self._give_up_at = None
            if self.server is not None:
                self.box.engine.forget(self.local, self.server, now)
            self._server_index += 1
            self.register()
        elif self._again_at is not None and self._again_at <= now:
            self._again_at = None
            text = (
                f"The IPSec SA created for group {self.group.name} may have expired/been cleared, "
                "or didn't go through. Re-register to KS."
            )
            self.device.log("GDOI", 4, "GM_RE_REGISTER", text)
            self._server_index = 0
            self.register()

    # --- rekeys ------------------------------------------------------------------------------------------

    def rekeyed(self, server: IPv4Address, data: bytes) -> bool:
        """Take a rekey; False where it is none of this group's."""
        if self._last_push is not None and self._last_push[0] == data:
            self._acknowledge(server, *self._last_push[1:])
            return True
        if self.kek is None or self.signer is None or data[:16] != self.kek.spi:
            return False
        kek = self.kek
        try:
            grant = open_push(kek, self.signer, data, self.sequence)
            policy = unpack(grant, self.now)
        except Unverified as error:
            self._failed(server, error)
            return True
        except MalformedMessage:
            self._failed(server, None)
            return True
        self.sequence = grant.sequence
        text = f"Received Rekey for group {self.group.name} from {server} to {self.local} with seq # {grant.sequence}"
        self.device.log("GDOI", 5, "GM_RECV_REKEY", text)
        self._count(server, grant.sequence)
        self._last_push = data, kek, grant.sequence
        if kek.acknowledged:
            self._acknowledge(server, kek, grant.sequence)
        if policy.delete_within is not None:
            self._removed(policy.delete_within)
        elif self._install(policy):
            self._give_up_at = None
            if policy.kek is not None and policy.kek.spi != kek.spi:
                self.sequence = 0
        return True

    def _count(self, server: IPv4Address, sequence: int) -> None:
        rekeys = self.rekeys
        rekeys.total += 1
        rekeys.since_registration += 1
        rekeys.last_at, rekeys.last_from, rekeys.last_sequence = self.now, server, sequence

    def _acknowledge(self, server: IPv4Address, kek: Kek, sequence: int) -> None:
        self.rekeys.acknowledged += 1
        self.box.send(self.local, server, acknowledge(kek, sequence, self.local.packed))

    def _failed(self, server: IPv4Address, error: Unverified | None) -> None:
        if error is not None and error.replayed:
            text = (
                f"Failed to process rekey seq # {error.sequence} in seq payload for group {self.group.name}, "
                f"last seq # {self.sequence}"
            )
            self.device.log("GDOI", 3, "GDOI_REKEY_SEQ_FAILURE", text)
            return
        text = (
            f"Processing of REKEY payloads failed on GM {self.local} in the group {self.group.name}, "
            f"with peer at {server}"
        )
        self.device.log("GDOI", 3, "GDOI_REKEY_FAILURE", text)

    def _removed(self, within: int) -> None:
        """All that was downloaded goes, and it registers again at some moment within so many seconds."""
        delay = max(1, int(within * self.device.rng.random()))
        text = (
            f"GM receive REMOVAL-NOW in group {self.group.name} to cleanup downloaded policy now. "
            f"Re-registration will start in a randomly chosen period of {delay} sec"
        )
        self.device.log("GDOI", 4, "GM_RECV_DELETE_IMMEDIATE", text)
        self.forget()
        self._again_at = self.now + delay
        self.box.arm()

    # --- what is cleared ---------------------------------------------------------------------------------

    def forget(self) -> None:
        """Policy and keys are gone."""
        self.registered = False
        self.rules, self.teks, self.kek, self.signer = (), [], None, None
        self.rekey_conn_id = self.sequence = 0
        self._give_up_at = self._again_at = self._last_push = None
        self._fit_flows()

    def clear(self) -> None:
        """`clear crypto gdoi`: it registers anew."""
        self.forget()
        text = (
            f"The IPSec SA created for group {self.group.name} may have expired/been cleared, "
            "or didn't go through. Re-register to KS."
        )
        self.device.log("GDOI", 4, "GM_RE_REGISTER", text)
        self._server_index = 0
        self.register()
