"""Exchanges as sequence diagrams: the messages of one conversation, between whom, and what each of them says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, ip_address
from typing import Any

from iosemu.ip.config import IpSettings
from iosemu.lab.lab import Lab
from iosemu.lab.page.ike_messages import IkeMessage, explain, read_ike
from iosemu.lab.page.state import end_of
from iosemu.lab.page.tape import Tape
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
_PORTS = re.compile(r"^(\d+) → (\d+)")
_WHO = re.compile(r"^Who has ([\d.]+)\?")
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


def _place(row: Row, link: int) -> tuple[str, str] | None:
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
        if {"67", "68"} & set(ports.groups()):
            return "dhcp", "DHCP"
        return f"udp-{ends}-{'-'.join(sorted(ports.groups()))}", "UDP"
    if protocol == "ICMP":
        identity = _ICMP_ID.search(said.info)
        return (f"icmp-{ends}-{identity[1]}", "ICMP") if identity else None
    if protocol == "ARP":
        return f"arp-{_asked(row)}", "ARP"
    if protocol == "OSPF" or (protocol == "IPV4" and "OSPF" in said.info):
        return f"ospf-{link}", "OSPF"
    if protocol in ("STP", "LACP"):
        return f"{protocol.lower()}-{link}", protocol
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

    def _sort(self) -> dict[str, Conversation]:
        """Put what came since the last time where it belongs: the conversation that was heard last is the last one."""
        decoded = self._tape.decoded
        if self._generation != decoded.generation:
            self._generation, self._sorted = decoded.generation, 0
            self._found.clear()
        for row in decoded.after(self._sorted):
            self._sorted = row.number
            link, _ = self._tape.ends.get(row.captured.port, (-1, 0))
            place = _place(row, link) if self._tape.begins(row.captured) else None
            if place is None:
                continue
            key, kind = place
            known = self._found.pop(key, None)
            if known is None:
                said = row.dissection.summary
                known = Conversation(key, kind, (said.source, said.destination))
            self._found[key] = known
            known.rows.append(row)
            del known.rows[:-MESSAGES]
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
                "count": len(each.rows),
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
            receiver = self._receiver(row, owners)
            following = (
                chosen.rows[at + 1].captured.time if at + 1 < len(chosen.rows) else row.captured.time + AFTER
            )
            label, notes = said.info, [f"{said.source} → {said.destination}"]
            if chosen.kind == "OSPF":
                label = _ospf(row) or label
            states: dict[str, str] = {}
            if at < len(told):
                label, notes = told[at].label, [*notes, *told[at].notes]
                states = self._tape.states.get(row.number, {})
                notes += self._judged(told[at].message, receiver, said.destination)
            yield {
                "number": row.number,
                "time": row.captured.time,
                "from": sender,
                "to": receiver,
                "label": label,
                "notes": notes,
                "opened": row.opened,
                "states": states,
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

    def _receiver(self, row: Row, owners: Mapping[str, str]) -> str:
        """Who has the destination's address; for a group, whoever is at the other end of the cable."""
        said = row.dissection.summary
        asked = _WHO.match(said.info)
        name = _name(owners, asked[1] if asked else said.destination)
        place = self._tape.ends.get(row.captured.port)
        if name in self._lab.devices or place is None or asked or not _group(said.destination):
            return name
        return end_of(self._lab.links[place[0]].ends[1 - place[1]])[0]

    def _judged(self, message: IkeMessage, receiver: str, address: str) -> Iterable[str]:
        """What the receiver's policies, as they are configured now, say to an offer."""
        device = self._lab.devices.get(receiver)
        if device is None or not device.powered:
            return ()
        return message.judged_by(device, IPv4Address(address) if address.count(".") == 3 else None)


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
