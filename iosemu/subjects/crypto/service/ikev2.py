"""IKEv2 of one router: the engine, and what its crypto engine does about what that reports."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.ike.types import ChildRequest, ChildSa, Endpoint
from iosemu.ikev2 import events
from iosemu.ikev2.engine import Engine
from iosemu.ikev2.numbers import Notify
from iosemu.ikev2.sa import IkeSa
from iosemu.ipsec.sadb import SadbPair
from iosemu.net.scheduler import Timer
from iosemu.subjects.crypto.config.ikev2 import Ikev2Config, Ikev2Style
from iosemu.subjects.crypto.debug.ikev2 import Ikev2Debug
from iosemu.subjects.crypto.service.certificate_urls import CertificateUrls
from iosemu.subjects.crypto.service.eap import EapServers
from iosemu.subjects.crypto.service.exit_paths import ExitPaths
from iosemu.subjects.crypto.service.flexvpn import FlexSessions
from iosemu.subjects.crypto.service.flow import CryptoFlow
from iosemu.subjects.crypto.service.ikev2_configuration import Ikev2Configuration
from iosemu.subjects.crypto.service.keys import IP_PROTOCOLS, pair_of

if TYPE_CHECKING:
    from iosemu.subjects.crypto.service.engine import CryptoEngine

VERSION = 2
"""IKE versions of `SadbPair.ike_version`."""
MOST_KEYS = 4096
"""SAs whose keys are kept for captures: peers that are refused may be many."""
AGAIN = 5.0
"""Seconds until a renewal is tried again that the peer had no time for."""


def is_ikev2(payload: bytes, port: int) -> bool:
    """Whether a datagram for port 500 or 4500 is of IKEv2 or later."""
    at = 17 + (4 if port == 4500 else 0)
    return len(payload) > at and payload[at] >> 4 >= VERSION


class Ikev2:
    """The half of a crypto engine that speaks IKEv2."""

    def __init__(self, crypto: CryptoEngine) -> None:
        self.crypto = crypto
        self.device = crypto.device
        self.configuration = Ikev2Configuration(crypto.device, crypto.addresses, crypto.policy, crypto.fronts)
        self.sessions = FlexSessions(crypto)
        self.configuration.clients = self.sessions
        self.eap = EapServers(crypto)
        self.configuration.eap_servers = self.eap
        self.urls = CertificateUrls(crypto.device, crypto.resume)
        self.configuration.urls = self.urls
        self.engine = Engine(self.configuration, crypto.device.rng.randbytes)
        self.debug = Ikev2Debug(crypto.device)
        self.exits = ExitPaths(lambda: crypto.device.config.of(Ikev2Config).diagnosed)
        self.engine.heard_by(self._listens)
        self.keys: dict[str, dict[str, str]] = {}
        """Those of all SAs since power on, by the initiator's SPI."""
        self._retries: list[Timer] = []

    def knows(self) -> bool:
        """Whether the image speaks IKEv2 at all."""
        return self.device.image.style(Ikev2Style).supported

    def initiate(self, request: ChildRequest, profile: str, replaces: SadbPair | None) -> None:
        """Ask for the SAs of a flow."""
        asked = replace(request, profile=profile, aggressive=False)
        old = replaces.inbound[0].spi if replaces is not None else None
        self.engine.initiate(asked, self.crypto.now, old)

    def abandon(self, flow: CryptoFlow) -> None:
        """A flow is gone: nobody waits for its SAs."""
        self.engine.abandon(flow, self.crypto.device.now)

    def receive(self, data: bytes, local: Endpoint, peer: Endpoint) -> None:
        """Take a datagram."""
        self.engine.receive(data, local, peer, self.crypto.now)

    def with_peer(self, peer: IPv4Address) -> list[IkeSa]:
        """The SAs with a peer."""
        return self.engine.sas.with_peer(peer)

    def _listens(self) -> bool:
        """Whether anybody reads steps: debug, or `show crypto ikev2 diagnose error`."""
        return self.device.debugging.any or bool(self.device.config.of(Ikev2Config).diagnosed)

    def pump(self) -> bool:
        """Send what there is to send and act on what is reported; False when there was nothing."""
        datagrams, reported = self.engine.datagrams(), self.engine.events()
        for datagram in datagrams:
            self.crypto.wire.transmit(datagram)
        for event in reported:
            self.debug.tell(event)
            self.exits.note(event)
            self._handle(event)
            self.sessions.handle(event)
            self.eap.handle(event)
        for sa in self.engine.keyed():
            self._keep_keys(sa)
        return bool(datagrams or reported)

    def _keep_keys(self, sa: IkeSa) -> None:
        """Note the keys of an SA; of very many the oldest are forgotten."""
        if sa.spi_i.hex() in self.keys:
            return
        if len(self.keys) >= MOST_KEYS:
            del self.keys[next(iter(self.keys))]
        self.keys[sa.spi_i.hex()] = sa.export()

    def stop(self) -> None:
        """Forget what was to be tried again, and what was fetched."""
        self.urls.stop()
        for timer in self._retries:
            timer.cancel()
        self._retries.clear()

    def _handle(self, event: events.Event) -> None:
        match event:
            case events.ChildUp(child=child, usable=usable):
                self._up(child, usable=usable)
            case events.ChildDown(protocol=protocol, spi=spi):
                self._down(protocol, spi)
            case events.RequestFailed(request=request, refusal=refusal):
                self._failed(request, refusal)
            case events.PeerDead(sa=sa) if sa is not None:
                for pair in self.crypto.sadb.with_peer(sa.peer.address):
                    if pair.ike_version == VERSION and isinstance(pair.owner, CryptoFlow):
                        pair.owner.peer_index += 1
                        pair.owner.dead = True
            case events.SaUp(rekeyed=False):
                self._log(5, "SA_UP", "SA UP")
            case events.SaDown(was_up=True):
                self._log(5, "SA_DOWN", "SA DOWN")
            case events.Told(step=events.Step.FAILED, values=(what,)):
                self._log(3, "NEG_ABORT", f"Negotiation aborted due to ERROR: {what} failed")

    def _log(self, severity: int, mnemonic: str, text: str) -> None:
        if self.device.config.of(Ikev2Config).log:
            self.device.log("IKEV2", severity, mnemonic, text)

    def _up(self, child: ChildSa, *, usable: bool) -> None:
        crypto, flow = self.crypto, self.crypto.home_of(child)
        if flow is None:
            # the map went away meanwhile: the peer must not keep what nobody here has
            self.engine.delete_child(child.inbound[0].spi, crypto.now)
            return
        pair = pair_of(child, crypto.now, crypto.replay_window(flow))
        pair.ike_version = VERSION
        # a first answer has no successor to wait for
        pair.usable = usable or not any(each.usable for each in flow.pairs)
        crypto.install(pair, flow)

    def _down(self, protocol: int, spi: int) -> None:
        crypto = self.crypto
        number = next(value for key, value in IP_PROTOCOLS.items() if key == protocol)
        found = crypto.sadb.inbound(number, spi)
        if found is None or found[0].ike_version != VERSION:
            return
        pair = found[0]
        crypto.remove_pair(pair, tell_peer=False)
        flow = pair.owner
        if isinstance(flow, CryptoFlow) and flow.pairs:
            # what is left carries the packets, whether it was the successor or the one before
            flow.pairs[-1].superseded = False
            crypto.supersede(flow.pairs[-1])

    def _failed(self, request: ChildRequest, refusal: int | None) -> None:
        flow = request.tag
        if not isinstance(flow, CryptoFlow):
            return
        self.crypto.protected.refused(flow.interface)
        renewing = [pair for pair in flow.pairs if pair.rekeying]
        self.crypto.events.failed(request)
        if refusal == Notify.TEMPORARY_FAILURE and renewing:
            self._retries = [each for each in self._retries if each.when > self.crypto.now]
            later = self.device.scheduler.after(AGAIN, lambda: self.crypto.life.again(renewing[-1]))
            self._retries.append(later)
