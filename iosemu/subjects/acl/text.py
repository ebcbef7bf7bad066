"""Access control entries as words: from the words typed, and back for configuration and shows."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address

from iosemu.subjects.acl.config import ANY, Action, AddressMatch, Entry, PortMatch

PROTOCOLS = {
    "ahp": 51, "eigrp": 88, "esp": 50, "gre": 47, "icmp": 1, "igmp": 2, "ipinip": 4, "nos": 94,
    "ospf": 89, "pcp": 108, "pim": 103, "tcp": 6, "udp": 17,
}  # fmt: skip
TCP_PORTS = {
    "bgp": 179, "chargen": 19, "cmd": 514, "daytime": 13, "discard": 9, "domain": 53, "echo": 7,
    "exec": 512, "finger": 79, "ftp": 21, "ftp-data": 20, "gopher": 70, "hostname": 101, "ident": 113,
    "irc": 194, "klogin": 543, "kshell": 544, "login": 513, "lpd": 515, "nntp": 119, "pop2": 109,
    "pop3": 110, "smtp": 25, "sunrpc": 111, "tacacs": 49, "talk": 517, "telnet": 23, "time": 37,
    "uucp": 540, "whois": 43, "www": 80,
}  # fmt: skip
UDP_PORTS = {
    "biff": 512, "bootpc": 68, "bootps": 67, "discard": 9, "dnsix": 195, "domain": 53, "echo": 7,
    "isakmp": 500, "mobile-ip": 434, "nameserver": 42, "netbios-dgm": 138, "netbios-ns": 137,
    "netbios-ss": 139, "non500-isakmp": 4500, "ntp": 123, "pim-auto-rp": 496, "rip": 520, "snmp": 161,
    "snmptrap": 162, "sunrpc": 111, "syslog": 514, "tacacs": 49, "talk": 517, "tftp": 69, "time": 37,
    "who": 513, "xdmcp": 177,
}  # fmt: skip
ICMP_TYPES: dict[str, tuple[int, int | None]] = {
    "administratively-prohibited": (3, 13), "echo": (8, None), "echo-reply": (0, None),
    "host-redirect": (5, 1), "host-unreachable": (3, 1), "mask-reply": (18, None),
    "mask-request": (17, None), "net-redirect": (5, 0), "net-unreachable": (3, 0),
    "packet-too-big": (3, 4), "parameter-problem": (12, None), "port-unreachable": (3, 3),
    "protocol-unreachable": (3, 2), "reassembly-timeout": (11, 1), "redirect": (5, None),
    "router-advertisement": (9, None), "router-solicitation": (10, None), "source-quench": (4, None),
    "time-exceeded": (11, None), "timestamp-reply": (14, None), "timestamp-request": (13, None),
    "traceroute": (30, None), "ttl-exceeded": (11, 0), "unreachable": (3, None),
}  # fmt: skip
"""Names of IOS for (type, code)."""
PORTS = {"tcp": TCP_PORTS, "udp": UDP_PORTS, 6: TCP_PORTS, 17: UDP_PORTS}
OPERATORS = ("eq", "neq", "gt", "lt", "range")
TCP_FLAGS = {"ack": 0x10, "fin": 0x01, "psh": 0x08, "rst": 0x04, "syn": 0x02, "urg": 0x20}
"""Bits of the TCP header's control field (RFC 9293 section 3.1), in the order of listings."""


def parse_entry(words: tuple[str, ...], extended: bool) -> Entry:
    """The entry that canonical words such as `permit tcp any host 10.0.0.1 eq www` stand for.

    Raises ValueError for words that the grammar would not have let pass.
    """
    reader = _Reader(words)
    entry = Entry(Action(reader.take()))
    if extended:
        protocol = reader.take()
        entry.protocol = None if protocol == "ip" else PROTOCOLS.get(protocol) or int(protocol)
        names = PORTS.get(protocol, {})
        entry.source = reader.address(wildcard=True)
        entry.source_ports = reader.ports(names)
        entry.destination = reader.address(wildcard=True)
        entry.destination_ports = reader.ports(names)
    else:
        entry.source = reader.address(wildcard=False)
    while (word := reader.next()) is not None:
        if word == "established":
            entry.established = True
        elif word in TCP_FLAGS:
            entry.tcp_flags |= TCP_FLAGS[word]
        elif word == "fragments":
            entry.fragments = True
        elif word in ("log", "log-input"):
            entry.log = word
        elif word == "dscp":
            entry.dscp = int(reader.take())
        elif word in ICMP_TYPES:
            entry.icmp_type, entry.icmp_code = ICMP_TYPES[word]
        elif entry.icmp_type is None:
            entry.icmp_type = int(word)
        else:
            entry.icmp_code = int(word)
    return entry


class _Reader:
    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words
        self.at = 0

    def next(self) -> str | None:
        if self.at == len(self.words):
            return None
        self.at += 1
        return self.words[self.at - 1]

    def take(self) -> str:
        word = self.next()
        if word is None:
            raise ValueError("the entry is incomplete")
        return word

    def address(self, wildcard: bool) -> AddressMatch:
        first = self.take()
        if first == "any":
            return ANY
        if first == "host":
            return AddressMatch.of(IPv4Address(self.take()))
        address = IPv4Address(first)
        if not wildcard:
            try:
                mask = IPv4Address(self.words[self.at]) if self.at < len(self.words) else None
            except AddressValueError:
                mask = None
            if mask is None:
                return AddressMatch.of(address)
        return AddressMatch.of(address, IPv4Address(self.take()))

    def ports(self, names: dict[str, int]) -> PortMatch | None:
        if self.at == len(self.words) or self.words[self.at] not in OPERATORS:
            return None
        operator = self.take()
        ports = [self._port(names)]
        if operator == "range":
            ports = sorted((ports[0], self._port(names)))
        while operator in ("eq", "neq") and self.at < len(self.words):
            word = self.words[self.at]
            if word not in names and not word.isdigit():
                break
            ports.append(self._port(names))
        return PortMatch(operator, tuple(ports))

    def _port(self, names: dict[str, int]) -> int:
        word = self.take()
        return names[word] if word in names else int(word)


def _port_words(match: PortMatch | None, protocol: int | None) -> Iterator[str]:
    if match is None:
        return
    names = {number: name for name, number in PORTS.get(protocol or 0, {}).items()}
    yield match.operator
    for port in match.ports:
        yield names.get(port, str(port))


def extended_words(entry: Entry, pad: bool) -> str:
    """`permit tcp any host 10.0.0.1 eq www`; `pad` writes `deny` with the spaces of running-config."""
    protocols = {number: name for name, number in PROTOCOLS.items()}
    action = f"{entry.action.value:<6}" if pad else entry.action.value
    words = [action, "ip" if entry.protocol is None else protocols.get(entry.protocol, str(entry.protocol))]
    words += [str(entry.source), *_port_words(entry.source_ports, entry.protocol)]
    words += [str(entry.destination), *_port_words(entry.destination_ports, entry.protocol)]
    if entry.icmp_type is not None:
        names = {value: name for name, value in ICMP_TYPES.items()}
        name = names.get((entry.icmp_type, entry.icmp_code))
        code = [] if entry.icmp_code is None else [str(entry.icmp_code)]
        words += [name] if name is not None else [str(entry.icmp_type), *code]
    if entry.dscp is not None:
        words += ["dscp", str(entry.dscp)]
    words += [name for name, bit in TCP_FLAGS.items() if entry.tcp_flags & bit]
    words += ["established"] * entry.established + ["fragments"] * entry.fragments
    words += [entry.log] if entry.log else []
    return " ".join(words)


def standard_words(entry: Entry, pad: bool, wildcard_bits: bool, host_word: bool = False) -> str:
    """`permit 10.0.0.0 0.0.0.255`, or with `, wildcard bits` as shows write it."""
    action = f"{entry.action.value:<6}" if pad else entry.action.value
    source = entry.source
    if source.is_any:
        address = "any"
    elif source.is_host:
        address = ("host " if host_word else "") + str(IPv4Address(source.address))
    else:
        separator = ", wildcard bits " if wildcard_bits else " "
        address = f"{IPv4Address(source.address)}{separator}{IPv4Address(source.wildcard)}"
    return f"{action} {address}" + (f" {entry.log}" if entry.log else "")
