"""VTP versions 1 and 2 on a switch, sans-IO: whose VLANs a domain has (reference: SWITCHING.md section 3)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address

from iosemu.packets import vtp
from iosemu.packets.vtp import VtpJoin, VtpMessage, VtpRequest, VtpSubset, VtpSummary, VtpVlan

SUMMARIES = 300.0
"""Seconds between summaries of a database that does not change."""
JOINS = 6.0
"""Seconds between joins."""
JOINED = 18.0
"""Seconds for which a join is believed."""
ELIGIBLE = range(2, 1002)
"""VLANs that pruning may take from a trunk."""


@dataclass(frozen=True, slots=True)
class Database:
    """What a switch has, and what it may do with it."""

    mode: str = "server"
    """server, client, transparent or off."""
    domain: str = ""
    password: str = ""
    version: int = 1
    pruning: bool = False
    revision: int = 0
    updater: IPv4Address = vtp.NOBODY
    stamp: str = "0" * vtp.STAMP
    vlans: tuple[VtpVlan, ...] = ()

    @property
    def speaks(self) -> bool:
        """Whether it says what its VLANs are."""
        return self.mode in ("server", "client") and bool(self.domain)

    def summary(self, followers: int = 0) -> VtpSummary:
        """The summary, with its digest."""
        bare = VtpSummary(
            self.domain,
            self.revision,
            self.updater,
            self.stamp,
            followers=followers,
            version=self.version,
            pruning=self.pruning,
        )
        return replace(bare, digest=vtp.digest(bare, self.vlans, self.password))


@dataclass
class Counters:
    """`show vtp counters`."""

    received: dict[str, int] = field(default_factory=lambda: {"summary": 0, "subset": 0, "request": 0})
    sent: dict[str, int] = field(default_factory=lambda: {"summary": 0, "subset": 0, "request": 0})
    revision_errors: int = 0
    digest_errors: int = 0
    version_errors: int = 0
    """Summaries of version 1 that came to a switch in version 2."""
    joins_sent: dict[str, int] = field(default_factory=dict)
    joins_received: dict[str, int] = field(default_factory=dict)


_WORDS = {VtpSummary: "summary", VtpSubset: "subset", VtpRequest: "request"}


@dataclass(slots=True)
class _Pending:
    """A database on its way by a trunk."""

    summary: VtpSummary
    parts: dict[int, VtpSubset] = field(default_factory=dict)


class VtpSwitch:
    """One switch. Calls leave messages in `messages()`, a database in `learned`, and texts in `notes`."""

    def __init__(self) -> None:
        self.database = Database()
        self.counters = Counters()
        self.trunks: set[str] = set()
        self.learned: Database | None = None
        """A better database that came: the owner takes it over and says so by `changed`."""
        self.notes: list[tuple[str, str]] = []
        """A mnemonic and a text for the log."""
        self.wanted: frozenset[int] = frozenset()
        """VLANs that somebody uses behind ports that are no trunks."""
        self._joined: dict[str, tuple[frozenset[int], float]] = {}
        """What the neighbor on a trunk wants to hear, and until when that is believed."""
        self._pending: dict[str, _Pending] = {}
        self._out: list[tuple[str, VtpMessage]] = []
        self._summary_due: float | None = None
        self._join_due: float | None = None

    def messages(self) -> list[tuple[str, VtpMessage]]:
        """What is to be sent, and by which trunk, once."""
        taken, self._out = self._out, []
        return taken

    # --- what the owner says -------------------------------------------------------------------------

    def changed(self, database: Database, now: float) -> None:
        """VLANs or settings are others than before."""
        before, self.database = self.database, database
        if database == before:
            return
        if not database.speaks:
            self._pending.clear()
        elif (before.domain, before.revision, before.vlans, before.password) != (
            database.domain, database.revision, database.vlans, database.password
        ):  # fmt: skip
            for trunk in sorted(self.trunks):
                self._advertise(trunk)
        if not database.pruning:
            self._joined.clear()
        elif not before.pruning:
            self._join_due = now
        self._plan(now)

    def trunks_are(self, trunks: set[str], now: float) -> None:
        """Ports became trunks, or are none any more."""
        new = trunks - self.trunks
        for gone in self.trunks - trunks:
            self._pending.pop(gone, None)
            self._joined.pop(gone, None)
        self.trunks = set(trunks)
        for trunk in sorted(new):
            if self.database.speaks:
                self._say(trunk, self.database.summary())
                self._say(trunk, VtpRequest(self.database.domain, version=self.database.version))
                self._join_due = now if self.database.pruning else None
        self._plan(now)

    def pruned(self, trunk: str, now: float) -> frozenset[int]:
        """The VLANs that nobody behind a trunk wants to hear; none where the neighbor never said what it wants."""
        if not self.database.pruning or not self.database.speaks or trunk not in self._joined:
            return frozenset()
        wanted, until = self._joined[trunk]
        return frozenset(ELIGIBLE) - wanted if until > now else frozenset()

    # --- messages ------------------------------------------------------------------------------------

    def receive(self, trunk: str, message: VtpMessage, now: float) -> None:
        """A message came by a trunk."""
        if trunk not in self.trunks or self.database.mode == "off":
            return
        own = self.database
        if not isinstance(message, VtpJoin):
            self.counters.received[_WORDS[type(message)]] += 1
        if own.mode == "transparent":
            if own.version == 2 or message.domain == own.domain:
                for other in sorted(self.trunks - {trunk}):
                    self._out.append((other, message))
            return
        if not own.domain and isinstance(message, VtpSummary) and message.domain:
            self.notes.append(("VTP_DOMAIN_NAME_CHG", f"VTP domain name changed to {message.domain}."))
            own = self.database = replace(own, domain=message.domain, revision=0)
            self.learned = own
        if message.domain != own.domain:
            return
        match message:
            case VtpSummary():
                self._summary(trunk, message)
            case VtpSubset():
                self._subset(trunk, message, now)
            case VtpRequest():
                self._advertise(trunk)
            case VtpJoin():
                self.counters.joins_received[trunk] = self.counters.joins_received.get(trunk, 0) + 1
                self._joined[trunk] = (message.vlans, now + JOINED)
        self._plan(now)

    def _summary(self, trunk: str, message: VtpSummary) -> None:
        own = self.database
        self.counters.version_errors += own.version > message.version
        if message.revision > own.revision:
            self._pending[trunk] = _Pending(message)
            if not message.followers:
                self._say(trunk, VtpRequest(own.domain, version=own.version))
        elif message.revision < own.revision:
            self._advertise(trunk)
        elif message.digest != own.summary().digest and message.revision:
            self.counters.digest_errors += 1
            text = f"MD5 digest checksum mismatch on receipt of equal revision summary on trunk: {trunk}"
            self.notes.append(("VTP_USER_NOTIFICATION", f"VTP protocol user notification: {text}"))

    def _subset(self, trunk: str, message: VtpSubset, now: float) -> None:
        pending = self._pending.get(trunk)
        if pending is None or message.revision != pending.summary.revision:
            if message.revision > self.database.revision:
                self.counters.revision_errors += 1
            return
        pending.parts[message.sequence] = message
        followers = max(1, pending.summary.followers)
        if set(pending.parts) != set(range(1, followers + 1)):
            return
        del self._pending[trunk]
        vlans = tuple(each for number in sorted(pending.parts) for each in pending.parts[number].vlans)
        summary = pending.summary
        if vtp.digest(summary, vlans, self.database.password) != summary.digest:
            self.counters.digest_errors += 1
            return
        taken = replace(
            self.database,
            revision=summary.revision,
            updater=summary.updater,
            stamp=summary.stamp,
            version=summary.version,
            pruning=summary.pruning,
            vlans=vlans,
        )
        if taken.pruning and not self.database.pruning:
            self._join_due = now
        self.learned = taken
        self.database = taken
        for other in sorted(self.trunks - {trunk}):
            self._advertise(other)
        self._plan(now)

    def _advertise(self, trunk: str) -> None:
        """Say all of it."""
        if not self.database.speaks:
            return
        parts = vtp.subsets(self.database.summary(), self.database.vlans)
        self._say(trunk, self.database.summary(len(parts)))
        for part in parts:
            self._say(trunk, part)

    def _say(self, trunk: str, message: VtpMessage) -> None:
        if isinstance(message, VtpJoin):
            self.counters.joins_sent[trunk] = self.counters.joins_sent.get(trunk, 0) + 1
        else:
            self.counters.sent[_WORDS[type(message)]] += 1
        self._out.append((trunk, message))

    # --- time ----------------------------------------------------------------------------------------

    def next_timer(self) -> float | None:
        """Lab time at which `tick` has something to do."""
        return min((each for each in (self._summary_due, self._join_due) if each is not None), default=None)

    def tick(self, now: float) -> None:
        """Say again what has not changed, and what is wanted."""
        if self._summary_due is not None and self._summary_due <= now:
            self._summary_due = None
            for trunk in sorted(self.trunks):
                self._say(trunk, self.database.summary())
        if self._join_due is not None and self._join_due <= now:
            self._join_due = None
            for trunk in sorted(self.trunks):
                self._say(
                    trunk, VtpJoin(self.database.domain, self._wants(trunk, now), self.database.version)
                )
        self._plan(now)

    def _wants(self, trunk: str, now: float) -> frozenset[int]:
        """What is to come by a trunk: the VLANs used here, and those wanted behind the other trunks."""
        wanted = set(self.wanted)
        for other in self.trunks - {trunk}:
            vlans, until = self._joined.get(other, (frozenset(), 0.0))
            if until > now:
                wanted |= vlans
        return frozenset(wanted)

    def _plan(self, now: float) -> None:
        active = self.database.speaks and bool(self.trunks)
        if not active:
            self._summary_due = self._join_due = None
            return
        if self._summary_due is None:
            self._summary_due = now + SUMMARIES
        if not self.database.pruning:
            self._join_due = None
        elif self._join_due is None:
            self._join_due = now + JOINS
