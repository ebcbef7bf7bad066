"""The key server of one group: its members, its keys, and when they are renewed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Protocol

from iosemu.gdoi.coop import Announcement, Life
from iosemu.gdoi.exchange import Grant
from iosemu.gdoi.numbers import SignatureHash
from iosemu.gdoi.policy import Offer, Policy, Replay, Rule, Tek, pack
from iosemu.gdoi.rekey import Kek, push, read_acknowledgement
from iosemu.ike.header import MalformedMessage
from iosemu.ike.keys import esp_key_lengths
from iosemu.ike.types import Encryption, EspSuite
from iosemu.subjects.acl.config import AclsConfig, Action
from iosemu.subjects.acl.evaluation import Flow, find
from iosemu.subjects.crypto.config.ipsec import IpsecConfig
from iosemu.subjects.crypto.config.maps import CryptoMapsConfig
from iosemu.subjects.crypto.config.smart_defaults import transform_sets
from iosemu.subjects.crypto.service.flow import entry_selector
from iosemu.subjects.gdoi.config import GdoiGroup, GroupIpsecSa, LocalServer
from iosemu.subjects.gdoi.service.coop import Cooperation

if TYPE_CHECKING:
    from iosemu.box.device import Device
    from iosemu.box.rsa import RsaKey

TEK_AHEAD, KEK_AHEAD = 90.0, 200.0
"""Seconds before the end of a key at which its successor is sent, at least; a tenth of its life where that is more,
and the time that all repetitions take goes before it."""
GIVEN_UP = 3
"""Rekeys in a row without an acknowledgement after which a member is deleted."""
SHORTENED = 90.0
"""Seconds that keys which are replaced still live, at least (a twentieth of their life; at most an hour)."""
WITHIN = 34
"""Seconds within which members register again that have lost their keys at once."""
SHA1_OVERHEAD = 46
"""Octets of an RSA signature with SHA-1 at least."""


class Sending(Protocol):
    """How a key server speaks."""

    device: Device

    def send(self, source: IPv4Address, destination: IPv4Address, data: bytes) -> None:
        """Send a datagram from port 848 to port 848."""
        ...

    def tell(self, area: str, level: str, group: str, text: str) -> None:
        """A line of debug."""
        ...

    def arm(self) -> None:
        """Times have changed."""
        ...

    def announce(self, local: IPv4Address, peer: IPv4Address, announcement: Announcement) -> None:
        """Tell another key server something."""
        ...

    def connected(self, local: IPv4Address, peer: IPv4Address) -> bool:
        """Whether there is a phase 1 with another key server."""
        ...

    def disconnect(self, local: IPv4Address, peer: IPv4Address) -> None:
        """Forget the phase 1 with another key server."""
        ...


@dataclass
class Member:
    """A member, as its key server knows it."""

    address: IPv4Address
    server: IPv4Address
    """Where it has registered."""
    rekeys: int = 0
    retries: int = 0
    acknowledged: int = 0
    missed: int = 0
    in_a_row: int = 0
    """Rekeys without an acknowledgement since the last one with."""
    sent: deque[int] = field(default_factory=lambda: deque([0] * 4, 4))
    """The last sequence numbers that were sent."""
    received: deque[int] = field(default_factory=lambda: deque([0] * 4, 4))


@dataclass
class Rekeying:
    """A rekey on its way."""

    kek: Kek
    sequence: int
    data: bytes
    begun: float
    waiting: set[IPv4Address]
    attempts: int = 0
    due: float = 0.0
    """Lab time of the next repetition."""


class KeyServer:
    """One group of `server local`, from when it is configured completely."""

    def __init__(self, service: Sending, group: GdoiGroup, local: LocalServer) -> None:
        self.service = service
        self.device = service.device
        self.group = group
        self.local = local
        self.members: dict[IPv4Address, Member] = {}
        self.teks: list[Tek] = []
        """Oldest first."""
        self.kek: Kek | None = None
        self.sequence = 0
        self.rekeys_sent = 0
        self.retransmits = 0
        """Of the last rekey."""
        self.duration = 0.0
        """Seconds that the last rekey took."""
        self.rekeying: Rekeying | None = None
        self._began = service.device.now
        self._policy: tuple[tuple[int, EspSuite, tuple[Rule, ...], Replay | None], ...] = ()
        self._keyless = ""
        self.coop: Cooperation | None = None

    @property
    def leads(self) -> bool:
        """Whether it makes the keys and sends the rekeys: it is alone, or the primary."""
        return self.coop is None or self.coop.leads

    @property
    def keyed(self) -> bool:
        """Whether it has keys that live."""
        return any(tek.expires > self.now for tek in self.teks)

    @property
    def now(self) -> float:
        """Lab time in seconds."""
        return self.device.now

    @property
    def pseudotime(self) -> float:
        """Seconds of the group's clock."""
        return self.now - self._began

    @property
    def address(self) -> IPv4Address:
        """Where members find it."""
        assert self.local.address is not None
        return self.local.address

    # --- policy ------------------------------------------------------------------------------------------

    def suite(self, sa: GroupIpsecSa) -> EspSuite | None:
        """What the profile of an SA protects with: the first transform set with ESP."""
        profile = self.device.config.of(CryptoMapsConfig).profiles.get(sa.profile or "")
        sets = transform_sets(self.device)
        for name in profile.transform_sets if profile is not None else ():
            found = sets.get(name)
            suite = found.proposal().esp if found is not None else None
            if suite is not None:
                return suite
        return None

    def lifetime(self, sa: GroupIpsecSa) -> int:
        """Seconds of a TEK."""
        profile = self.device.config.of(CryptoMapsConfig).profiles.get(sa.profile or "")
        own = profile.lifetime_seconds if profile is not None else None
        return own or self.device.config.of(IpsecConfig).lifetime_seconds

    def rules(self, sa: GroupIpsecSa) -> tuple[Rule, ...]:
        """The lines of an SA's access list that have proxy identities."""
        access_list = self.device.config.of(AclsConfig).get(sa.access_list)
        lines = list(access_list.entries) if access_list is not None else []
        found = ((line.action is Action.PERMIT, entry_selector(line)) for line in lines)
        return tuple(Rule(permit, selector) for permit, selector in found if selector is not None)

    def _wanted(self) -> tuple[tuple[int, EspSuite, tuple[Rule, ...], Replay | None], ...]:
        found = []
        for sa in self.local.sas.values():
            suite, rules = self.suite(sa), self.rules(sa)
            if suite is not None and rules:
                window = sa.replay_window
                replay = Replay(sa.replay_time, window) if window is not None else None
                found.append((sa.number, suite, rules, replay))
        return tuple(found)

    @property
    def complete(self) -> bool:
        """Whether there is a policy to be given."""
        return bool(self._wanted()) and (self.leads or self.keyed)

    def refresh(self) -> None:
        """The configuration may be another: make what is missing, and say that members do not know yet."""
        self._cooperate()
        wanted = self._wanted()
        if not self.leads:
            self._policy = wanted
            self.service.arm()
            return
        if wanted != self._policy:
            told = bool(self._policy and self.members)
            self._policy = wanted
            if told:
                self._log(
                    5,
                    "POLICY_CHANGE",
                    f"GDOI group {self.group.name} policy has changed. Use 'crypto gdoi ks rekey' to send a "
                    "rekey, or the changes will be send in the next scheduled rekey",
                )
            else:
                self.teks = []
        self._make_missing()
        self._make_kek()
        self.service.arm()

    def _cooperate(self) -> None:
        """Be one of several key servers, or alone, as the configuration says."""
        redundancy = self.local.redundancy
        peers = [each for each in redundancy.peers if each != self.address] if redundancy is not None else []
        if not peers:
            if self.coop is not None:
                self.coop.fit([])
                self.coop = None
            return
        new = self.coop is None
        if self.coop is None:
            self.coop = Cooperation(self)
        self.coop.fit(peers)
        if new:
            self.coop.elect()

    def announcement(self, priority: int, sequence: int, *, primary: bool, asking: bool) -> Announcement:
        """What other key servers are told."""
        identity, now = self.group.identity, self.now
        assert identity is not None
        kek = self.kek
        return Announcement(
            identity,
            priority,
            sequence,
            primary,
            asking,
            self.keyed,
            tuple(self.members),
            tuple(Life(tek.spi, tek.number, tek.lifetime, int(now - tek.created)) for tek in self.teks)
            if primary
            else (),
            (kek.lifetime, int(now - kek.created)) if primary and kek is not None else (0, 0),
            pack(self._offer(kek, self.sequence), now) if primary and self.teks else None,
        )

    def adopt(self, policy: Policy, sequence: int) -> None:
        """The keys are those of the primary; members that had others of this side are told."""
        before, last = self.kek, self.sequence
        self.teks, self.kek, self.sequence = list(policy.teks), policy.kek, sequence
        self._policy = self._wanted()
        if policy.pseudotime is not None:
            self._began = self.now - policy.pseudotime
        signer = self.signer
        if before is None or self.kek is None or signer is None or before.spi == self.kek.spi:
            return
        mine = [each for each in self.members.values() if each.server == self.address]
        data = push(before, signer, pack(self._offer(self.kek, last + 1), self.now))
        for member in mine:
            self.service.send(self.address, member.address, data)

    def distribute(self) -> None:
        """Send all members the keys that there are."""
        self._push(new_kek=False)

    def known_by(self, server: IPv4Address, come: Iterable[IPv4Address], gone: Iterable[IPv4Address]) -> None:
        """Another key server has registered members, or lost some."""
        for address in come:
            self.members.setdefault(address, Member(address, server))
        for address in gone:
            if address in self.members and self.members[address].server != self.address:
                del self.members[address]

    def _make_missing(self) -> None:
        for number, suite, rules, replay in self._policy:
            if not any(tek.number == number for tek in self.teks):
                self._new_tek(number, suite, rules, replay)

    def _new_tek(self, number: int, suite: EspSuite, rules: tuple[Rule, ...], replay: Replay | None) -> None:
        cipher, auth = esp_key_lengths(suite)
        randbytes = self.device.rng.randbytes
        spi = int.from_bytes(randbytes(4), "big") | 0x100
        life = self.lifetime(self.local.sas[number])
        tek = Tek(spi, suite, randbytes(cipher), randbytes(auth), self.now, life, rules, replay, number)
        # what lives on of before has the same lines: members have one policy
        self.teks = [replace(each, rules=rules) if each.number == number else each for each in self.teks]
        self.teks.append(tek)

    @property
    def signer(self) -> RsaKey | None:
        """The RSA keys that sign rekeys; None: there are none, or none that are long enough."""
        found = self.device.rsa_keys.get(self.local.key or "")
        return found if found is not None and found.bits // 8 >= SHA1_OVERHEAD else None

    def _make_kek(self) -> None:
        if not self.local.unicast or self.local.key is None:
            self.kek, self._keyless = None, ""
            return
        signer = self.signer
        if signer is None:
            self.kek = None
            if self._keyless != self.local.key:
                self._keyless = self.local.key
                text = f"RSA Key - {self.local.key} : Not found, Required for group {self.group.name}"
                self._log(1, "KS_NO_RSA_KEYS", text)
            return
        self._keyless = ""
        if (
            self.kek is None
            or self.kek.encryption is not self.local.algorithm.encryption
            or len(self.kek.key) != self.local.algorithm.octets
        ):
            self.kek = self._new_kek()
            self.sequence = 0

    def _new_kek(self) -> Kek:
        algorithm, randbytes = self.local.algorithm, self.device.rng.randbytes
        block = 16 if algorithm.encryption is Encryption.AES else 8
        bits = algorithm.octets * 8 if algorithm.encryption is Encryption.AES else 0
        keys = randbytes(16), randbytes(block), randbytes(algorithm.octets)
        spi, iv, key = keys
        lifetime = self.local.lifetime
        return Kek(
            spi,
            algorithm.encryption,
            bits,
            iv,
            key,
            SignatureHash.SHA1,
            lifetime,
            self.now,
            acknowledged=True,
        )

    # --- members -----------------------------------------------------------------------------------------

    def authorized(self, member: IPv4Address) -> bool:
        """Whether `authorization address ipv4` lets a box be a member."""
        if self.local.authorized is None:
            return True
        access_list = self.device.config.of(AclsConfig).get(str(self.local.authorized))
        line = find(access_list, Flow(0, int(member), 0)) if access_list is not None else None
        if line is not None and line.action is Action.PERMIT:
            return True
        text = f"Group {self.group.name} received registration from unauthorized ip address: {member}"
        self._log(1, "UNAUTHORIZED_IPADDR", text)
        return False

    def grant(self) -> Grant:
        """What a member is given that registers now."""
        self._expire()
        for tek in self.teks:
            self._tell(
                "infra", "detail", f"               TEK lifetime is {tek.remaining(self.now)} seconds", 0
            )
            for _rule in tek.rules:
                self._tell("infra", "detail", f" Construct tek: spi is 0x{tek.spi:X}")
        self._tell("replay", "detail", f"KS pseudotime is {self.pseudotime:.2f} (secs)")
        return pack(self._offer(self.kek, self.sequence), self.now)

    def _offer(self, kek: Kek | None, sequence: int) -> Offer:
        signer = self.signer if kek is not None else None
        timed = any(tek.replay is not None and tek.replay.time for tek in self.teks)
        return Offer(
            self.address,
            tuple(self.teks),
            kek if signer is not None else None,
            signer.der() if signer is not None else b"",
            signer.bits if signer is not None else 0,
            sequence,
            self.pseudotime if timed else None,
        )

    def registered(self, member: IPv4Address) -> None:
        """A member has its keys."""
        self.members[member] = Member(member, self.address)
        if self.rekeying is not None:
            self.rekeying.waiting.discard(member)  # what the rekey brings it has
        if self.coop is not None:
            self.coop.announce()

    # --- rekeys ------------------------------------------------------------------------------------------

    def repetitions(self) -> float:
        """Seconds that all repetitions of a rekey take."""
        return float(self.local.retransmit * self.local.repetitions)

    def tek_rekey_at(self, tek: Tek) -> float:
        """Lab time at which the successor of a TEK is sent."""
        ahead = max(TEK_AHEAD, tek.lifetime / 10) + self.repetitions()
        return max(tek.created + tek.lifetime / 10, tek.expires - ahead)

    def kek_rekey_at(self, kek: Kek) -> float:
        """Lab time at which the successor of the KEK is sent."""
        ahead = max(KEK_AHEAD, kek.lifetime / 10) + self.repetitions()
        return max(kek.created + kek.lifetime / 10, kek.expires - ahead)

    def newest(self, number: int) -> Tek | None:
        """The TEK of an `sa ipsec` that was made last."""
        return next((tek for tek in reversed(self.teks) if tek.number == number), None)

    def next_due(self) -> float | None:
        """The earliest lab time at which there is something to be done."""
        times = [tek.expires for tek in self.teks]
        if self.coop is not None:
            times.append(self.coop.next_due())
        if not self.leads:
            return min(times, default=None)
        for number in {tek.number for tek in self.teks}:
            newest = self.newest(number)
            assert newest is not None
            times.append(self.tek_rekey_at(newest))
        if self.kek is not None:
            times.append(self.kek_rekey_at(self.kek))
        if self.rekeying is not None:
            times.append(self.rekeying.due)
        return min(times, default=None)

    def tick(self) -> None:
        """Do what is due."""
        now = self.now
        if self.coop is not None:
            self.coop.tick()
        if not self.leads:
            self._expire()
            return
        self._repeat()
        worn = {
            number
            for number in {tek.number for tek in self.teks}
            if (newest := self.newest(number)) is not None and self.tek_rekey_at(newest) <= now
        }
        kek_worn = self.kek is not None and self.kek_rekey_at(self.kek) <= now
        self._expire()
        for number, suite, rules, replay in self._policy:
            if number in worn:
                self._new_tek(number, suite, rules, replay)
        self._make_missing()
        if worn or kek_worn:
            self._push(new_kek=kek_worn)

    def _expire(self) -> None:
        self.teks = [tek for tek in self.teks if tek.expires > self.now]

    def renew(self, *, replace_now: bool = False) -> bool:
        """`crypto gdoi ks rekey`: new keys for all; what was before lives on a little, or not. False: it cannot be."""
        self.refresh()
        if not self._policy or self.kek is None:
            return False
        self._shorten(replace_now=replace_now)
        for number, suite, rules, replay in self._policy:
            self._new_tek(number, suite, rules, replay)
        self._push(new_kek=False)
        return True

    def _shorten(self, *, replace_now: bool = False) -> None:
        now, kept = self.now, []
        for tek in self.teks:
            rest = min(max(SHORTENED, tek.lifetime / 20), 3600.0)
            if tek.expires - now > rest:
                shortened = int(now + rest - tek.created)
                kept.append(replace(tek, lifetime=shortened, original=tek.original or tek.lifetime))
                continue
            kept.append(tek)
        self.teks = [] if replace_now else kept

    def _push(self, *, new_kek: bool, delete_within: int | None = None) -> None:
        kek, signer = self.kek, self.signer
        if kek is None or signer is None:
            self.service.arm()
            return
        following = self._new_kek() if new_kek else kek
        self.sequence += 1
        offer = replace(self._offer(following, self.sequence), delete_within=delete_within)
        data = push(kek, signer, pack(offer, self.now))
        name, waiting = self.group.name, set(self.members)
        text = (
            f"Sending Unicast Rekey for group {name} from address {self.address} with seq # {self.sequence}"
        )
        self._log(5, "KS_SEND_UNICAST_REKEY", text)
        due = self.now + self.local.retransmit
        self.rekeying = Rekeying(kek, self.sequence, data, self.now, waiting, 0, due) if waiting else None
        self.rekeys_sent += 1
        self.retransmits = 0
        self.duration = 0.0
        for address in waiting:
            member = self.members[address]
            member.rekeys += 1
            member.sent.append(self.sequence)
            self.service.send(self.address, address, data)
        if new_kek:
            self.kek, self.sequence = following, 0
        if self.coop is not None:
            self.coop.announce()
        self.service.arm()

    def _repeat(self) -> None:
        rekeying = self.rekeying
        if rekeying is None or rekeying.due > self.now:
            return
        if rekeying.attempts >= self.local.repetitions:
            self._finish(rekeying)
            return
        rekeying.attempts += 1
        rekeying.due = self.now + self.local.retransmit
        for address in rekeying.waiting:
            self.members[address].retries += 1
            self.retransmits += 1
            self.service.send(self.address, address, rekeying.data)

    def _finish(self, rekeying: Rekeying) -> None:
        self.duration = self.now - rekeying.begun
        self.rekeying = None
        for address in rekeying.waiting:
            member = self.members[address]
            member.missed += 1
            member.in_a_row += 1
            if member.in_a_row >= GIVEN_UP:
                del self.members[address]
                self._log(4, "GM_DELETE", f"GM {address} deleted from group {self.group.name}.")

    def acknowledged(self, source: IPv4Address, data: bytes) -> bool:
        """Take an acknowledgement; False where it is none of the rekey on its way."""
        rekeying = self.rekeying
        if rekeying is None or data[:16] != rekeying.kek.spi:
            return False
        try:
            sequence, member = read_acknowledgement(rekeying.kek, data)
        except MalformedMessage:
            return False
        if sequence != rekeying.sequence or member != source.packed or source not in rekeying.waiting:
            return False
        rekeying.waiting.discard(source)
        known = self.members[source]
        known.acknowledged += 1
        known.in_a_row = 0
        known.received.append(sequence)
        self._tell("ks", "event", f"Rekey ACK with seq # {sequence} received from {source}")
        if not rekeying.waiting:
            self._finish(rekeying)
        self.service.arm()
        return True

    # --- what is cleared ---------------------------------------------------------------------------------

    def remove_members(self, *, now: bool) -> None:
        """`clear crypto gdoi ks members [now]`: members register anew; with `now` their keys are gone at once."""
        if now:
            kept, self.teks = self.teks, []
            self._push(new_kek=False, delete_within=WITHIN)
            self.teks = kept
            self.reset()
            return
        self._shorten()
        self._push(new_kek=False)
        self.members.clear()
        self.rekeying = None

    def reset(self) -> None:
        """Members and keys are forgotten, and there are new ones."""
        self.members.clear()
        self.rekeying = None
        self.teks = []
        self.kek = None
        self.sequence = 0
        self.refresh()
        if self.coop is not None:
            self.coop.announce(asking=not self.leads)

    def _log(self, severity: int, mnemonic: str, text: str) -> None:
        self.device.log("GDOI", severity, mnemonic, text)

    def _tell(self, area: str, level: str, text: str, number: int | None = None) -> None:
        name = self.group.shown_identity if number is None else ""
        self.service.tell(area, level, name, text)
