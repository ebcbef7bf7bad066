"""Exchanges as sequence diagrams: the messages of one conversation, between whom, and what each of them says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, ip_address
from typing import Any

from iosemu.ip.config import IpSettings
from iosemu.lab.lab import Lab
from iosemu.lab.page import quick_mode
from iosemu.lab.page.ike_messages import Told, explain, read_ike
from iosemu.lab.page.party_states import bridge_vlan
from iosemu.lab.page.state import end_of
from iosemu.lab.page.tape import Tape
from iosemu.lab.page.verdicts import Verdicts, values_of
from iosemu.server.packet_view.frames import Row

MOST = 60
"""Conversations that are offered, the newest ones."""
AFTER = 5.0
"""Lab seconds after the last message of which the log is still shown."""
MESSAGES = 200
"""Of one conversation that are drawn."""
LOGS = 40
MOST_LOGS = 2000
"""Log lines shown with one message."""
_OSPF = {
    1: "Hello",
    2: "Database Description",
    3: "Link State Request",
    4: "Link State Update",
    5: "Link State Acknowledgment",
}
_BELOW = {"Ethernet II", "IEEE 802.3", "IEEE 802.2 LLC", "IEEE 802.1Q", "SNAP", "IPv4", "Cisco HDLC", "UDP"}
"""Layers of which a message's notes say nothing."""
_UNTOLD = re.compile(
    r".*(Checksum|Length|Identifier|Version( Identifier)?|Urgent Pointer|Data Offset|Hardware Type)"
)
NOTES = 40
_PORTS = re.compile(r"^(\d+) → (\d+)")
_WHO = re.compile(r"^Who has ([\d.]+)\?")
_PERIODIC = {"OSPF", "STP", "LACP"}
"""Exchanges in which most messages only say that all is as it was."""
_ICMP_ID = re.compile(r"id=(0x[0-9a-f]+)")


@dataclass
class Conversation:
    """Messages that belong together."""

    key: str
    kind: str
    """IKE, TCP, ARP, DHCP, OSPF, ICMP …"""
    ends: tuple[str, str]
    """Addresses; the first is who began."""
    rows: list[Row] = field(default_factory=list)
    repeats: dict[int, int] = field(default_factory=dict)
    """How often a row came again with nothing changed, by its number."""

    def add(self, row: Row, tape: Tape) -> None:
        """Take a message; one that only says again what its sender said before is counted."""
        if self.kind in _PERIODIC:
            before = next(
                (each for each in reversed(self.rows) if each.captured.port == row.captured.port), None
            )
            if before is not None and _same(before, row, tape):
                self.repeats[before.number] = self.repeats.get(before.number, 0) + 1
                return
        self.rows.append(row)
        for gone in self.rows[:-MESSAGES]:
            self.repeats.pop(gone.number, None)
        del self.rows[:-MESSAGES]


def _same(before: Row, row: Row, tape: Tape) -> bool:
    """Whether a message says what another one said, to parties in the same states."""
    return before.dissection.summary == row.dissection.summary and (
        tape.after.get(before.number) == tape.states.get(row.number)
    )


def _place(row: Row, link: int, tape: Tape) -> tuple[str, str] | None:
    """To which conversation a packet on a cable belongs; None for what is no exchange."""
    said = row.dissection.summary
    ends = "-".join(sorted((said.source, said.destination)))
    protocol = said.protocol.upper()
    if protocol == "ISAKMP":
        message = read_ike(row)
        return None if message is None else (f"ike-{message.header.initiator_cookie.hex()}", message.version)
    if protocol == "TCP":
        ports = _PORTS.match(said.info)
        return (f"tcp-{ends}-{'-'.join(sorted(ports.groups()))}", "TCP") if ports else None
    if protocol == "UDP":
        ports = _PORTS.match(said.info)
        if ports is None:
            return None
        return f"udp-{ends}-{'-'.join(sorted(ports.groups()))}", "UDP"
    if protocol == "ICMP":
        identity = _ICMP_ID.search(said.info)
        return (f"icmp-{ends}-{identity[1]}", "ICMP") if identity else None
    if protocol == "ARP":
        return f"arp-{_asked(row)}", "ARP"
    if protocol in ("DHCP", "BOOTP"):
        return f"dhcp-{values_of(row, said.protocol).get('Client Hardware Address')}", "DHCP"
    if protocol == "OSPF":
        home = tape.parties.addresses.find(IPv4Address(said.source))
        return f"ospf-{home.network if home is not None else link}", "OSPF"
    if protocol == "STP":
        return f"stp-{link}-{bridge_vlan(row.captured.frame)}", "STP"
    if protocol == "LACP":
        return f"lacp-{link}", protocol
    return None


def _asked(row: Row) -> str:
    """The two addresses of an ARP message."""
    values = [
        each.value
        for layer in row.dissection.layers
        for each in layer.fields
        if "rotocol" in each.name and "ddress" in each.name and each.value.count(".") == 3
    ]
    return "-".join(sorted(values)) or "all"


def _ospf(row: Row) -> str:
    """Which of OSPF's packets it is (RFC 2328, A.3.1); empty where that cannot be read."""
    header = next((layer for layer in row.dissection.layers if layer.name == "IPv4"), None)
    kind = row.captured.frame[header.end + 1 : header.end + 2] if header is not None else b""
    return _OSPF.get(kind[0], "") if kind else ""


class Ladders:
    """Draws conversations of a tape."""

    def __init__(self, lab: Lab, tape: Tape) -> None:
        self._lab = lab
        self._tape = tape
        self._found: dict[str, Conversation] = {}
        self._sorted = 0
        self._generation = tape.decoded.generation
        self._verdicts = Verdicts(lab, tape.parties.addresses)

    def _sort(self) -> dict[str, Conversation]:
        """Put what came since the last time where it belongs: the conversation that was heard last is the last one."""
        decoded = self._tape.decoded
        self._tape.settle()
        if self._generation != decoded.generation:
            self._generation, self._sorted = decoded.generation, 0
            self._found.clear()
        for row in decoded.after(self._sorted):
            self._sorted = row.number
            link, _ = self._tape.ends.get(row.captured.port, (-1, 0))
            place = _place(row, link, self._tape) if self._tape.begins(row.captured) else None
            if place is None:
                continue
            key, kind = place
            known = self._found.pop(key, None)
            if known is None:
                said = row.dissection.summary
                known = Conversation(key, kind, (said.source, said.destination))
            self._found[key] = known
            known.add(row, self._tape)
        while len(self._found) > MOST:
            del self._found[next(iter(self._found))]
        return self._found

    def all(self) -> list[dict[str, Any]]:
        """What can be drawn, the newest first."""
        owners = self._owners()
        return [
            {
                "key": each.key,
                "kind": each.kind,
                "ends": [each.rows[0].captured.port.partition(":")[0], self._receiver(each.rows[0], owners)],
                "addresses": list(each.ends),
                "about": _about(each),
                "count": len(each.rows) + sum(each.repeats.values()),
                "first": each.rows[0].captured.time,
                "last": each.rows[-1].captured.time,
            }
            for each in reversed(self._sort().values())
        ]

    def draw(self, key: str) -> dict[str, Any] | None:
        """The messages of one conversation, or None if it is no longer kept."""
        chosen = self._sort().get(key)
        if chosen is None:
            return None
        owners = self._owners()
        chosen = replace(chosen, rows=[row for row in chosen.rows if _own(row, owners)] or chosen.rows)
        messages = list(self._messages(chosen, owners))
        ends: dict[str, None] = {}
        for message in messages:
            ends.setdefault(message["from"])
            ends.setdefault(message["to"])
        return {"key": key, "kind": chosen.kind, "ends": list(ends), "messages": messages}

    def _owners(self) -> dict[str, str]:
        """Whose address is whose."""
        found: dict[str, str] = {}
        for name, device in self._lab.devices.items():
            for interface in device.interfaces.values():
                address = interface.config.of(IpSettings).address
                if address is not None:
                    found[str(address.ip)] = name
                found[str(interface.mac)] = name
        return found

    def _messages(self, chosen: Conversation, owners: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        ike = [read_ike(row, self._tape.decoded.decryptor) for row in chosen.rows]
        told = explain([each for each in ike if each is not None]) if chosen.kind.startswith("IKE") else []
        log = self._log(chosen, owners)
        for at, row in enumerate(chosen.rows):
            said = row.dissection.summary
            sender = row.captured.port.partition(":")[0]
            receiver = self._receiver(row, owners, chosen.rows[at + 1 :])
            following = (
                chosen.rows[at + 1].captured.time if at + 1 < len(chosen.rows) else row.captured.time + AFTER
            )
            label, notes = said.info, [f"{said.source} → {said.destination}"]
            if chosen.kind == "OSPF":
                label = _ospf(row) or label
            if at < len(told):
                label, notes = told[at].label, [*notes, *told[at].notes]
                verdicts = list(self._judged(told[at], receiver, said.source, said.destination))
            else:
                notes += _payload(row)
                verdicts = list(self._verdicts.of(chosen.kind, row, receiver))
            if row.number in chosen.repeats:
                notes.append(f"said {chosen.repeats[row.number]} times more, with nothing changed")
            yield {
                "number": row.number,
                "time": row.captured.time,
                "from": sender,
                "to": receiver,
                "label": label,
                "notes": notes,
                "verdicts": verdicts,
                "repeats": chosen.repeats.get(row.number, 0),
                "opened": row.opened,
                "states": self._tape.states.get(row.number, {}),
                "after": self._tape.states_after(row.number),
                "log": [text for when, text in log if row.captured.time <= when < following][:LOGS],
            }

    def _log(self, chosen: Conversation, owners: Mapping[str, str]) -> list[tuple[float, str]]:
        """What the parties logged while they talked: lab seconds and text."""
        begin, end = chosen.rows[0].captured.time, chosen.rows[-1].captured.time + AFTER
        said = [row.dissection.summary for row in chosen.rows]
        names = {_name(owners, address) for each in said for address in (each.source, each.destination)}
        lines = [
            (message.when, f"{name} {message.when:.3f}: {message}")
            for name in sorted(names & set(self._lab.devices))
            for message in self._lab.devices[name].syslog.messages
            if begin <= message.when < end
        ]
        return sorted(lines, key=lambda line: line[0])[:MOST_LOGS]

    def _receiver(self, row: Row, owners: Mapping[str, str], later: Sequence[Row] = ()) -> str:
        """Who has the destination's address; for a group, who is meant by it, else who is at the cable's other end."""
        said = row.dissection.summary
        asked = _WHO.match(said.info)
        name = _name(owners, asked[1] if asked else said.destination)
        place = self._tape.ends.get(row.captured.port)
        if name in self._lab.devices or place is None or asked or not _group(said.destination):
            return name
        sender = row.captured.port.partition(":")[0]
        if said.protocol in ("DHCP", "BOOTP"):
            client = owners.get(values_of(row, said.protocol).get("Client Hardware Address", ""), "")
            if client and client != sender:
                return client
            answered = (each.captured.port.partition(":")[0] for each in later)
            serving = self._verdicts.servers(row.captured.port)
            return next((each for each in answered if each in serving), next(iter(serving), "")) or self._far(
                place
            )
        home = (
            self._tape.parties.addresses.find(IPv4Address(said.source)) if said.protocol == "OSPF" else None
        )
        beside = (
            {each.device for each in self._tape.parties.addresses.beside(home)} if home is not None else set()
        )
        if home is not None and len(beside) != 1:
            return said.destination if beside else self._far(place)
        return next(iter(beside), "") or self._far(place)

    def _far(self, place: tuple[int, int]) -> str:
        return end_of(self._lab.links[place[0]].ends[1 - place[1]])[0]

    def _judged(self, told: Told, receiver: str, source: str, destination: str) -> Iterator[str]:
        """What the receiver's policies, as they are configured now, say to an offer."""
        device = self._lab.devices.get(receiver)
        if device is None or not device.powered:
            return
        local, peer = (IPv4Address(each) if each.count(".") == 3 else None for each in (destination, source))
        yield from told.message.judged_by(device, local)
        if told.label.startswith("QM1") and local is not None and peer is not None:
            message = told.message
            yield from quick_mode.judged_by(
                message.payloads, message.header.initiator_cookie, device, local, peer
            )


def _about(found: Conversation) -> str:
    """What tells conversations of a kind from each other, beyond their ends."""
    if found.kind == "STP":
        return f"VLAN {found.key.rpartition('-')[2]}"
    if found.kind == "OSPF":
        return found.key.partition("-")[2]
    return ""


def _payload(row: Row) -> Iterator[str]:
    """What the layers of a message say that belong to its protocol."""
    fields = [
        f"{each.name}: {each.value}"
        for layer in row.dissection.layers
        if layer.name not in _BELOW
        for each in layer.fields
        if not _UNTOLD.fullmatch(each.name) or "Client Identifier" in each.name
    ]
    yield from fields[:NOTES]


def _group(address: str) -> bool:
    """Whether an address, as summaries have them, is for many."""
    if address.count(".") == 3:
        return ip_address(address).is_multicast or address == "255.255.255.255"
    return bool(int(address[1:2] or "0", 16) & 1) if address.count(".") == 2 else False


def _own(row: Row, owners: Mapping[str, str]) -> bool:
    """Whether a packet was sent by whose address it has, and not forwarded."""
    owner = owners.get(row.dissection.summary.source)
    return owner is None or owner == row.captured.port.partition(":")[0]


def _name(owners: Mapping[str, str], address: str) -> str:
    return owners.get(address, address)
