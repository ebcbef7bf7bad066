"""System messages of BGP."""

from __future__ import annotations

from iosemu.box.clock_text import span
from iosemu.box.device import Device
from iosemu.box.facts import BgpState
from iosemu.routing.bgp import BgpError, Keepalive, Origin, Peer, Update
from iosemu.routing.bgp.attributes import decode
from iosemu.routing.bgp.dampening import Flaps
from iosemu.routing.bgp.errors import describe
from iosemu.routing.bgp.events import Event, Notified, PeerDown, PeerUp, PrefixLimit
from iosemu.routing.bgp.messages import Message
from iosemu.subjects.bgp.config import DAMPENING, EVENTS, KEEPALIVES, UPDATES, Router

_ORIGINS = {Origin.IGP: "i", Origin.EGP: "e", Origin.INCOMPLETE: "?"}
_SHOWN = 100
"""Networks of one UPDATE that are printed."""


class Messages:
    """Tells in the log what happened to sessions."""

    def __init__(self, device: Device, router: Router, vrf: str = "") -> None:
        self.device = device
        self._router = router
        self._where = f" vpn vrf {vrf}" if vrf else ""
        self._family = 4 if vrf else 0
        """How debugging calls the address family."""

    def event(self, event: Event, dynamic: bool = False) -> None:
        """Log an event, and print it where BGP's events are debugged; `dynamic`: of a neighbor that just came."""
        device, where = self.device, self._where
        peer = f"*{event.peer}" if dynamic else str(event.peer)
        match event:
            case PeerUp():
                self._change(f"neighbor {peer}{self._where} Up", BgpState(event.peer, established=True))
            case PeerDown():
                text = f"neighbor {peer}{self._where} Down {event.reason}"
                self._change(text, BgpState(event.peer, established=False))
            case Notified():
                self._notified(event)
            case PrefixLimit(exceeded=False):
                text = f"No. of prefix received from {event.peer}{where} (afi 0) reaches {event.count}, "
                text += f"max {event.limit}"
                device.log("BGP", 4, "MAXPFX", text)
            case PrefixLimit():
                text = f"No. of prefix received from {event.peer}{where} (afi 0): {event.count} "
                text += f"exceed limit {event.limit}"
                device.log("BGP", 3, "MAXPFXEXCEED", text)
        if device.debugging.on(EVENTS) and isinstance(event, (PeerUp, PeerDown)):
            change = "OpenConfirm to Established" if isinstance(event, PeerUp) else "Established to Idle"
            device.log("", 7, "", f"BGP: {event.peer} went from {change}")

    def flapped(self, flaps: Flaps, struck: bool, now: float) -> None:
        """`debug ip bgp dampening`."""
        if not self.device.debugging.on(DAMPENING):
            return
        each, head = flaps.parameters, f"BGP({self._family}):"
        if not struck:
            self.device.log("", 7, "", f"{head} unsuppressed {flaps.network}, penalty {flaps.now(now):.0f}")
            return
        times = f"halflife-time {each.half_life} reuse/suppress {each.reuse}/{each.suppress}"
        self.device.log("", 7, "", f"{head} charge penalty for {flaps.network} with {times}")
        text = f"{head} flapped {flaps.count} times since {span(now - flaps.since)}. New penalty is {flaps.penalty:.0f}"
        self.device.log("", 7, "", text)
        if flaps.suppressed:
            self.device.log(
                "", 7, "", f"{head} suppressed {flaps.network} until {span(flaps.reuse_at - now)} from now"
            )

    def message(self, peer: Peer, message: Message, sent: bool) -> None:
        """`debug ip bgp updates | keepalives`."""
        debugging, address = self.device.debugging, peer.config.address
        if isinstance(message, Keepalive) and debugging.on(KEEPALIVES):
            what = "sending KEEPALIVE (io)" if sent else "received KEEPALIVE, length (excl. header) 0"
            self.device.log("", 7, "", f"BGP: {address} {what}")
        elif isinstance(message, Update) and debugging.on(UPDATES):
            self._update(peer, message, sent)

    def _update(self, peer: Peer, update: Update, sent: bool) -> None:
        address, session = peer.config.address, peer.session
        way = "send" if sent else "rcv"
        if update.nlri and session is not None:
            try:
                found = decode(update.attributes, session.wide, peer.relation)
            except BgpError:
                return
            words = [f"nexthop {found.next_hop}", f"origin {_ORIGINS[found.origin]}"]
            if found.local_pref is not None:
                words.append(f"localpref {found.local_pref}")
            if found.med is not None:
                words.append(f"metric {found.med}")
            if found.as_path:
                words.append(f"{'merged ' if not sent else ''}path {found.path_text(self._router.dotted)}")
            self.device.log(
                "", 7, "", f"BGP({self._family}): {address} {way} UPDATE w/ attr: {', '.join(words)}"
            )
        for network in update.nlri[:_SHOWN]:
            self.device.log("", 7, "", f"BGP({self._family}): {address} {way} UPDATE about {network}")
        for network in update.withdrawn[:_SHOWN]:
            self.device.log(
                "", 7, "", f"BGP({self._family}): {address} {way} UPDATE about {network} -- withdrawn"
            )

    def _change(self, text: str, about: BgpState) -> None:
        if self._router.log_changes:
            self.device.log("BGP", 5, "ADJCHANGE", text, about=about)

    def _notified(self, event: Notified) -> None:
        way = "sent to" if event.sent else "received from"
        side = "passive" if event.passive else "active"
        text = describe(event.code, event.subcode)
        self.device.log(
            "BGP", 3, "NOTIFICATION",
            f"{way} neighbor {event.peer}{self._where} {side} {event.code}/{event.subcode} ({text}) "
            f"{len(event.data)} bytes {event.data.hex().upper()}".rstrip(),
        )  # fmt: skip
