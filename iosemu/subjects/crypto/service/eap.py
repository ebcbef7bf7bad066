"""Peers that prove themselves by EAP: what they say goes to a RADIUS server, and what that says to them (RFC 3579)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iosemu.ike.proof import Postponed
from iosemu.ikev2 import events
from iosemu.ikev2.configuration import EapAsking, EapStep
from iosemu.net.aaa.eap import EapPeer
from iosemu.net.aaa.outcome import Verdict
from iosemu.packets.eap import EapCode, EapPacket, EapType, identity_response
from iosemu.packets.errors import MalformedPacket
from iosemu.subjects.aaa_servers.service import AaaServers, Asking, when_answered
from iosemu.subjects.crypto.config.ikev2 import EAP_METHODS, Ikev2Config, Ikev2Profile
from iosemu.subjects.crypto.service.users import GROUP, login_methods

if TYPE_CHECKING:
    from iosemu.subjects.aaa_servers.service.servers import Pending
    from iosemu.subjects.crypto.service.engine import CryptoEngine


@dataclass(slots=True)
class Dialogue:
    """One peer's."""

    user: str = ""
    said: bytes = b""
    """What the server is asked about."""
    pending: Pending | None = None
    state: bytes = b""
    """What the server told with its last question."""


class EapServers:
    """The dialogues of one router, by the number of their IKEv2 session."""

    def __init__(self, crypto: CryptoEngine) -> None:
        self.crypto = crypto
        self.device = crypto.device
        self._dialogues: dict[int, Dialogue] = {}

    def _profile(self, name: str) -> Ikev2Profile | None:
        return self.device.config.of(Ikev2Config).profiles.get(name)

    def peer(self, profile: str) -> EapPeer | None:
        """Who speaks for the user of a profile with `authentication local eap`."""
        found = self._profile(profile)
        if found is None or found.local_method != "eap" or found.eap_user is None:
            return None
        password = found.local_key.text if found.local_key is not None else ""
        methods = (EAP_METHODS[found.eap_method],) if found.eap_method else tuple(EAP_METHODS.values())
        return EapPeer(found.eap_user, password, self.device.rng.randbytes, methods)

    def step(self, asking: EapAsking) -> EapStep:
        """The next step; raises Postponed while the server is asked."""
        profile, said = self._profile(asking.profile), asking.said
        dialogue = self._dialogues.setdefault(asking.session, Dialogue())
        if said is None and profile is not None and profile.query_identity:
            return EapStep(EapPacket(EapCode.REQUEST, 1, EapType.IDENTITY).to_bytes())
        if said is None:
            said = identity_response(str(asking.identity)).to_bytes()
        if said != dialogue.said:
            self._ask(dialogue, profile, asking, said)
        if dialogue.pending is None:
            return self._end(asking.session, said, b"")
        outcome = dialogue.pending.outcome
        if outcome is None:
            raise Postponed
        if outcome.verdict is Verdict.MORE:
            dialogue.state = outcome.state
            return EapStep(outcome.eap)
        if outcome.verdict is not Verdict.PASS or not outcome.eap:
            return self._end(asking.session, said, outcome.eap)
        del self._dialogues[asking.session]
        return EapStep(outcome.eap, done=True, accepted=True, key=outcome.key, user=dialogue.user)

    def _ask(self, dialogue: Dialogue, profile: Ikev2Profile | None, asking: EapAsking, said: bytes) -> None:
        dialogue.said, dialogue.pending = said, None
        try:
            packet = EapPacket.parse(said)
        except MalformedPacket:
            return
        if packet.type == EapType.IDENTITY:
            dialogue.user = packet.data.decode("utf-8", "replace")
        servers = self.device.find(AaaServers)
        methods = login_methods(self.device, profile.eap_list) if profile is not None else ()
        group = next((each.removeprefix(GROUP) for each in methods if each.startswith(GROUP)), None)
        if servers is None or group is None or profile is None or profile.eap_list is None:
            return
        who = Asking(dialogue.user, remote=str(asking.peer))
        dialogue.pending = servers.eap(group, who, said, dialogue.state)
        if dialogue.pending.outcome is None:
            when_answered(self.device, dialogue.pending, lambda _verdict: self.crypto.resume())

    def _end(self, session: int, said: bytes, packet: bytes) -> EapStep:
        """The peer is refused: as the server says, or because nobody can say anything."""
        self._dialogues.pop(session, None)
        failure = EapPacket(EapCode.FAILURE, said[1] if len(said) > 1 else 0).to_bytes()
        return EapStep(packet or failure, done=True)

    def handle(self, event: events.Event) -> None:
        """Forget the dialogue of an SA that is gone."""
        if isinstance(event, events.SaDown) and event.sa is not None:
            self._dialogues.pop(event.sa.session, None)
