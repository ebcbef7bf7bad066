"""Lifetimes of IPsec SAs: renewal ahead of expiry while packets flow, deletion at expiry, idle time."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Protocol

from iosemu.ike.agenda import Agenda
from iosemu.ike.engine import Engine
from iosemu.ipsec.sadb import SOFT_SECONDS, Sadb, SadbPair
from iosemu.net.scheduler import Timer
from iosemu.subjects.crypto.config.ipsec import IpsecConfig
from iosemu.subjects.crypto.config.maps import CryptoMapEntry, CryptoMapsConfig
from iosemu.subjects.crypto.service.flow import CryptoFlow
from iosemu.subjects.crypto.service.tunnels import ProtectedTunnels

if TYPE_CHECKING:
    from iosemu.box.device import Device
    from iosemu.subjects.crypto.service.credentials import Credentials

RESPONDER_GRACE = 10.0
"""Seconds a responder waits after the initiator's time to renew, so that not both do it."""

SILENCE = 30.0
"""Seconds without an answer after which an orphaned pair is taken for dead at the other end."""


class Idle(Protocol):
    """Who minds that SAs were not used."""

    def idle(self, flow: CryptoFlow) -> None:
        """The SAs of a flow are gone for that."""
        ...


class Pairs(Protocol):
    """The pairs of SAs to be watched, and what is done to them."""

    device: Device
    ike: Engine
    sadb: Sadb
    protected: ProtectedTunnels

    credentials: Credentials

    def pump(self) -> None:
        """Send what IKE has to send."""
        ...

    @property
    def ezvpn(self) -> Idle:
        """Easy VPN clients."""
        ...

    @property
    def now(self) -> float:
        """Lab time in seconds."""
        ...

    def entry_of(self, flow: CryptoFlow) -> CryptoMapEntry | None:
        """The crypto map entry of a flow."""
        ...

    def remove_pair(self, pair: SadbPair, *, tell_peer: bool = True) -> None:
        """Delete a pair."""
        ...

    def negotiate(
        self,
        flow: CryptoFlow,
        *,
        local: IPv4Address | None = None,
        repeats: int = 0,
        replaces: SadbPair | None = None,
    ) -> bool:
        """Ask IKE for SAs of a flow."""
        ...


class Lifetimes:
    """Watches the pairs of one crypto engine.

    A pair that ever carried a packet is renewed by its initiator 30 seconds before the time is over, or once
    less than 256 KB of volume are left; a responder steps in ten seconds later. One that carried nothing is
    not renewed. The old pair stays until its own end, so that nothing is lost.
    """

    def __init__(self, engine: Pairs) -> None:
        self.engine = engine
        self._agenda: Agenda[SadbPair] = Agenda()
        self._timer: Timer | None = None

    def stop(self) -> None:
        """Forget the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def renewal(self, pair: SadbPair) -> float:
        """Lab time at which this side renews a pair."""
        ahead = min(SOFT_SECONDS, pair.lifetime_seconds / 2)
        return pair.expires - ahead + (0.0 if pair.initiator else min(RESPONDER_GRACE, ahead / 2))

    def arm(self) -> None:
        """What all pairs depend on has changed: plan anew when each is looked at."""
        for pair in self.engine.sadb:
            self._plan(pair)
        self._arm()

    def watch(self, pair: SadbPair) -> None:
        """Plan when a pair is looked at: it is new, or something about it changed."""
        self._plan(pair)
        self._arm()

    def forget(self, pair: SadbPair) -> None:
        """A pair is gone."""
        self._agenda.plan(pair, None, ())
        self._arm()

    def _plan(self, pair: SadbPair) -> None:
        if pair.manual:
            return
        self._agenda.plan(pair, min(self._moments(pair, self.engine.now)), (pair.serial,))

    def _arm(self) -> None:
        due = self._agenda.next()
        if self._timer is not None and not self._timer.cancelled and self._timer.when == due:
            return
        self.stop()
        if due is not None:
            self._timer = self.engine.device.scheduler.at(due, self._check)

    def touched(self, pair: SadbPair) -> None:
        """A packet went over a pair: renew or delete it when its volume is used up."""
        now = self.engine.now
        if pair.fresh(now):
            return
        if pair.expired(now):
            self.engine.remove_pair(pair)
        elif pair.worn(now) and now < self.renewal(pair):
            self._renew(pair)

    def orphan(self, peer: IPv4Address) -> None:
        """An ISAKMP SA with a peer is gone: without another one the pairs with it are on their own.

        They stay, as documented of IOS. But a peer may have dropped its side together with the ISAKMP SA (as
        IKEv2 would have it), and what it gets from then on tells nobody anything. Dead peer detection needs an
        ISAKMP SA: with periodic probes a new one is begun when the next is due, with probes on demand when a
        peer gave no answer for so long.
        """
        if self.engine.ike.sas.up(peer):
            return
        for pair in self.engine.sadb.with_peer(peer):
            if pair.ike_version == 1:
                pair.orphaned = True
                pair.unanswered_since = None
                keepalive = self._keepalive(pair)
                if keepalive is not None and keepalive[2]:  # not both ends at once
                    pair.probe_at = self.engine.now + keepalive[0] + (0 if pair.initiator else keepalive[1])
                self._plan(pair)
        self._arm()

    def sent(self, pair: SadbPair) -> None:
        """A packet left by a pair: one that is orphaned and gets no answers is renewed, with a new phase 1."""
        if not pair.orphaned:
            return
        now = self.engine.now
        if pair.unanswered_since is None:
            pair.unanswered_since = now
            return
        keepalive = None if self.engine.ike.sas.up(pair.peer) else self._keepalive(pair)
        if now - pair.unanswered_since < (keepalive[0] if keepalive is not None else SILENCE):
            return
        pair.unanswered_since = now
        if keepalive is not None:
            self._revive(pair)
        else:
            self._renew(pair)

    def _keepalive(self, pair: SadbPair) -> tuple[int, int, bool] | None:
        """Dead peer detection with the peer of a pair, None where this side cannot begin phase 1 with it."""
        flow = pair.owner
        entry = self.engine.entry_of(flow) if isinstance(flow, CryptoFlow) else None
        if entry is None or entry.client is not None or entry.dynamic is not None:
            return None
        return self.engine.credentials.keepalive(self._profile(entry))

    def _profile(self, entry: CryptoMapEntry) -> str | None:
        return self.engine.device.config.of(CryptoMapsConfig).profile_of(entry)

    def _revive(self, pair: SadbPair) -> None:
        entry = self.engine.entry_of(pair.owner) if isinstance(pair.owner, CryptoFlow) else None
        if entry is not None:
            self.engine.ike.revive(pair.local, pair.peer, self._profile(entry), self.engine.now)
            self.engine.pump()

    def _moments(self, pair: SadbPair, now: float) -> list[float]:
        moments = [pair.expires]
        renewal = self.renewal(pair)
        if now < renewal and not pair.superseded:
            moments.append(renewal)
        idle = self._idle_time(pair)
        if idle:
            moments.append(pair.last_used + idle)
        if pair.probe_at is not None:
            moments.append(pair.probe_at)
        return moments

    def _idle_time(self, pair: SadbPair) -> int:
        flow = pair.owner
        entry = self.engine.entry_of(flow) if isinstance(flow, CryptoFlow) else None
        own = entry.idle_time if entry is not None else None
        return own if own is not None else self.engine.device.config.of(IpsecConfig).idle_time

    def _check(self) -> None:
        self._timer = None
        now = self.engine.now
        ready = []
        while (pair := self._agenda.take(now)) is not None:
            ready.append(pair)
        for pair in sorted(ready, key=lambda each: each.serial):
            if not self.engine.sadb.holds(pair):
                continue
            idle = self._idle_time(pair)
            if pair.expired(now):
                self.engine.remove_pair(pair)
            elif idle and now >= pair.last_used + idle:
                self.engine.remove_pair(pair)
                if isinstance(pair.owner, CryptoFlow):
                    self.engine.ezvpn.idle(pair.owner)
            elif now >= self.renewal(pair) and (pair.used or self._tunnel(pair)):
                self._renew(pair)
            if pair.probe_at is not None and now >= pair.probe_at:
                pair.probe_at = None
                self._revive(pair)
            if self.engine.sadb.holds(pair):
                self._plan(pair)
        self._arm()

    def _tunnel(self, pair: SadbPair) -> bool:
        """The SAs of a tunnel interface, and of an Easy VPN client, are kept whether or not packets flow."""
        flow = pair.owner
        if not isinstance(flow, CryptoFlow):
            return False
        entry = self.engine.entry_of(flow)
        return self.engine.protected.has(flow.interface) or (entry is not None and entry.client is not None)

    def again(self, pair: SadbPair) -> None:
        """A renewal was put off by the peer."""
        if any(each is pair for each in self.engine.sadb.with_peer(pair.peer)):
            self._renew(pair)

    def _renew(self, pair: SadbPair) -> None:
        flow = pair.owner
        if pair.rekeying or pair.superseded or not isinstance(flow, CryptoFlow):
            return
        pair.rekeying = True
        pair.rekeying = self.engine.negotiate(flow, local=pair.local, replaces=pair)
