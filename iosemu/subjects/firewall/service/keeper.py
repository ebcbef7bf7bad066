"""An inspector on a box: its timer, whole datagrams, and what it tells as system messages."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.box.device import Device
from iosemu.net.fragment import Reassembler
from iosemu.net.inspection.engine import Inspector
from iosemu.net.inspection.events import Aggressive, Ended, Event, Full, HostFree, HostFull, Started
from iosemu.net.inspection.session import Session
from iosemu.net.scheduler import Timer
from iosemu.packets.ipv4 import IPv4Packet


class SessionKeeper:
    """The sessions of a box by one policy; `told` hears of each event after it was logged."""

    def __init__(self, device: Device, told: Callable[[Event], None] = lambda _event: None) -> None:
        self.device = device
        self.inspector = Inspector()
        self._told = told
        self._reassembler = Reassembler()
        self._timer: Timer | None = None

    def whole(self, packet: IPv4Packet) -> IPv4Packet | None:
        """The datagram that a packet is or completes; None: pieces lack still (`ip virtual-reassembly`)."""
        return self._reassembler.add(packet, self.device.now) if packet.is_fragment else packet

    def stop(self) -> None:
        """Power goes."""
        if self._timer is not None:
            self._timer.cancel()

    def settle(self) -> None:
        """Tell what happened, and look again when something is due."""
        for event in self.inspector.events():
            self._report(event)
            self._told(event)
        due = self.inspector.next_timer()
        known = self._timer
        if known is not None and not known.cancelled and due is not None and known.when <= due:
            return
        if known is not None:
            known.cancel()
        self._timer = self.device.scheduler.at(due, self._tick) if due is not None else None

    def _tick(self) -> None:
        self._timer = None
        self.inspector.tick(self.device.now)
        self.settle()

    def _report(self, event: Event) -> None:
        match event:
            case Started(session):
                if session.settings.audit_trail:
                    text = f"Start {session.name} session: {_initiator(session)} -- {_responder(session)}"
                    self._log(6, "SESS_AUDIT_TRAIL_START", session.group.name + text)
            case Ended(session):
                if session.settings.audit_trail:
                    sent, answered = session.octets
                    text = f"Stop {session.name} session: {_initiator(session)} sent {sent} bytes"
                    text += f" -- {_responder(session)} sent {answered} bytes"
                    self._log(6, "SESS_AUDIT_TRAIL", session.group.name + text)
            case _ if not event.group.alert:
                return
            case Aggressive(group, on, count, limit, rate):
                what = "getting aggressive" if on else "calming down"
                mark = "unlimited" if limit is None else limit
                text = f"{what}, count ({count}/{mark}) current 1-min rate: {rate}"
                self._log(4, "ALERT_ON" if on else "ALERT_OFF", group.name + text)
            case HostFull(group, host, limit, minutes):
                if minutes:
                    text = f"Blocking new TCP connections to host {host} for {minutes} minute"
                    text += f"{'s' if minutes > 1 else ''} (half-open count {limit} exceeded)"
                    self._log(2, "BLOCK_HOST", group.name + text)
                else:
                    text = f"Max tcp half-open connections ({limit}) exceeded for host {host}"
                    self._log(4, "HOST_TCP_ALERT_ON", group.name + text)
            case HostFree(group, host):
                text = f"New TCP connections to host {host} no longer blocked"
                self._log(4, "UNBLOCK_HOST", group.name + text)
            case Full(group, limit):
                place = group.name.removesuffix(":")
                text = f"Number of sessions for the firewall policy on {place} exceeds the configured "
                self._log(4, "SESSIONS_MAXIMUM", f"{text}sessions maximum value {limit}")

    def _log(self, severity: int, mnemonic: str, text: str) -> None:
        self.device.log("FW", severity, mnemonic, text)


def _initiator(session: Session) -> str:
    return f"initiator ({session.ends.source}:{session.ports[0]})"


def _responder(session: Session) -> str:
    return f"responder ({session.ends.destination}:{session.ports[1]})"
