"""Filter expressions over frames: `icmp and host 192.168.1.1`, `esp.spi == 0x1f2e`, `not (stp or dtp)`.

Words: a protocol (`arp`, `icmp`, `ospf`, `dhcp`, `isakmp`, `ipsec` …); `host`, `src`, `dst` with an address (IPv4 or
MAC); `net A.B.C.D/N`; `port N`; `vlan N`; `on PORT` (where it was seen); `"text"` (anywhere in the decoded frame).
Fields: `layer.field` as dissected, spaces as `_` (`ip.time_to_live`), and Wireshark's names of the common
ones, with `==`, `!=`, `<`, `<=`, `>`, `>=` or `contains`. Joined by `and`, `or`, `not`, parentheses.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from iosemu.packets.dissect.model import Dissection

_TOKEN = re.compile(r'\s*("[^"]*"|&&|\|\||[<>!=]=|[<>!()]|[^\s"&|<>!=()]+)')
_NUMBER = re.compile(r"(?:.*\()?(0x[0-9a-fA-F]+|\d+)\)?(?: \w+)?")
_MAC = re.compile(r"[0-9a-fA-F]{1,4}([.:-][0-9a-fA-F]{1,4}){2,5}")

_LAYERS: dict[str, tuple[str, ...]] = {
    "ip": ("IPV4",),
    "ipsec": ("ESP", "AH"),
    "eth": ("ETHERNET II", "IEEE 802.3"),
    "ether": ("ETHERNET II", "IEEE 802.3"),
    "dot1q": ("IEEE 802.1Q",),
    "llc": ("IEEE 802.2 LLC",),
    "hsrp": ("HSRP", "HSRPV2"),
    "dhcp": ("DHCP", "BOOTP"),
    "tacacs": ("TACACS+",),
}
"""Words for layers whose name is another."""
_PROTOCOLS = frozenset({
    "AH", "ARP", "BGP", "BOOTP", "CDP", "DHCP", "DNS", "DTP", "EIGRP", "ESP", "ETHERNET", "FTP", "GLBP", "GRE",
    "HSRP", "HTTP", "ICMP", "IPV4", "ISAKMP", "LACP", "LLC", "LLDP", "LOOP", "NTP", "OSPF", "PAGP", "RADIUS", "RIP",
    "SNAP", "SNMP", "STP", "SYSLOG", "TACACS+", "TCP", "TFTP", "UDLD", "UDP", "UDPENCAP", "VRRP", "VTP",
})  # fmt: skip
_FIELDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "ip.addr": ("ip", ("Source Address", "Destination Address")),
    "ip.src": ("ip", ("Source Address",)),
    "ip.dst": ("ip", ("Destination Address",)),
    "ip.ttl": ("ip", ("Time to Live",)),
    "ip.id": ("ip", ("Identification",)),
    "ip.proto": ("ip", ("Protocol",)),
    "eth.addr": ("eth", ("Source", "Destination")),
    "eth.src": ("eth", ("Source",)),
    "eth.dst": ("eth", ("Destination",)),
    "eth.type": ("eth", ("EtherType",)),
    "vlan.id": ("dot1q", ("VLAN Identifier",)),
    "udp.port": ("udp", ("Source Port", "Destination Port")),
    "tcp.port": ("tcp", ("Source Port", "Destination Port")),
    "esp.spi": ("esp", ("Security Parameters Index",)),
    "esp.sequence": ("esp", ("Sequence Number",)),
    "icmp.seq": ("icmp", ("Sequence Number",)),
}
_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A frame as a filter sees it."""

    dissection: Dissection
    port: str
    number: int
    length: int


Test = Callable[[Seen], bool]
DEEPEST = 50
"""Parentheses that may be open at once: each takes several of Python's own frames."""


class FilterError(ValueError):
    """The expression makes no sense; the text says where."""


class PacketFilter:
    """A compiled expression; an empty one takes everything.

    Raises FilterError.
    """

    def __init__(self, expression: str) -> None:
        self.expression = expression.strip()
        self._tokens = _tokens(self.expression)
        self._at = self._depth = 0
        self._test: Test = (lambda _: True) if not self._tokens else self._whole()

    def __call__(self, seen: Seen) -> bool:
        """Whether the frame is taken."""
        return self._test(seen)

    def _whole(self) -> Test:
        test = self._or()
        if self._at < len(self._tokens):
            raise FilterError(f"{self._tokens[self._at]!r} is not expected here; join with and, or")
        return test

    def _peek(self) -> str:
        return self._tokens[self._at].lower() if self._at < len(self._tokens) else ""

    def _next(self, what: str) -> str:
        if self._at >= len(self._tokens):
            raise FilterError(f"the expression ends where {what} is expected")
        self._at += 1
        return self._tokens[self._at - 1]

    def _or(self) -> Test:
        tests = [self._and()]
        while self._peek() in ("or", "||"):
            self._at += 1
            tests.append(self._and())
        return tests[0] if len(tests) == 1 else lambda seen: any(test(seen) for test in tests)

    def _and(self) -> Test:
        tests = [self._not()]
        while self._peek() in ("and", "&&"):
            self._at += 1
            tests.append(self._not())
        return tests[0] if len(tests) == 1 else lambda seen: all(test(seen) for test in tests)

    def _not(self) -> Test:
        negated = False
        while self._peek() in ("not", "!"):
            self._at += 1
            negated = not negated
        inner = self._parentheses() if self._peek() == "(" else self._primitive()
        return (lambda seen: not inner(seen)) if negated else inner

    def _parentheses(self) -> Test:
        self._at += 1
        self._depth += 1
        if self._depth > DEEPEST:
            raise FilterError(f"more than {DEEPEST} parentheses are open at once")
        inner = self._or()
        if self._next("a )") != ")":
            raise FilterError("a ) is missing")
        self._depth -= 1
        return inner

    def _primitive(self) -> Test:
        token = self._next("a protocol or a condition")
        word = token.lower()
        if token.startswith('"'):
            return _mentions(token.strip('"'))
        if self._peek() in ("==", "!=", "contains", *_COMPARISONS):
            return self._comparison(word)
        if word in ("host", "src", "dst", "net", "port", "vlan", "on"):
            return self._keyword(word)
        if word == "vlan.id":
            raise FilterError("vlan.id needs a comparison")
        return _protocol(word)

    def _keyword(self, word: str) -> Test:
        if word == "vlan" and not self._peek().isdigit():
            return _protocol("dot1q")
        if word in ("src", "dst") and self._peek() == "host":
            self._at += 1
        value = self._next(f"the value of {word}")
        if word == "on":
            return lambda seen: value.lower() in seen.port.lower()
        if word == "vlan":
            return _equals("vlan.id", value)
        if word == "port":
            _number_of(value)
            return _either(_equals("udp.port", value), _equals("tcp.port", value))
        if word == "net":
            return _in_net(value)
        ways = {"host": ("addr",), "src": ("src",), "dst": ("dst",)}[word]
        if _MAC.fullmatch(value) and value.count(".") != 3:
            return _equals(f"eth.{ways[0]}", value)
        address = _address(value)
        direct = _equals(f"ip.{ways[0]}", str(address))
        names = {"host": ("Sender Protocol Address", "Target Protocol Address"), "src": ("Sender Protocol Address",),
                 "dst": ("Target Protocol Address",)}[word]  # fmt: skip
        return _either(direct, lambda seen: str(address) in _values(seen, "arp", names))

    def _comparison(self, name: str) -> Test:
        compare = self._next("a comparison").lower()
        value = self._next("a value").strip('"')
        if compare == "==":
            return _equals(name, value)
        if compare == "!=":
            test = _equals(name, value)
            return lambda seen: not test(seen)
        layer, names = _field(name)
        if compare == "contains":
            return lambda seen: any(value.lower() in text.lower() for text in _values(seen, layer, names))
        wanted, than = _number_of(value), _COMPARISONS[compare]
        return lambda seen: any(than(number, wanted) for number in _numbers(seen, layer, names))


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise FilterError(f"cannot read {text[at:].strip()!r}")
        tokens.append(found[1])
        at = found.end()
    return tokens


def _either(one: Test, other: Test) -> Test:
    return lambda seen: one(seen) or other(seen)


def _protocol(word: str) -> Test:
    names = _LAYERS.get(word, (word.upper(),))
    if word not in _LAYERS and word.upper() not in _PROTOCOLS:
        known = " ".join(sorted(_PROTOCOLS)).lower()
        raise FilterError(f"{word!r} is no protocol; known are {known} ip ipsec vlan")

    def test(seen: Seen) -> bool:
        if seen.dissection.summary.protocol.upper() in names:
            return True
        return any(layer.name.upper() in names for layer in seen.dissection.layers)

    return test


def _mentions(text: str) -> Test:
    wanted = text.lower()

    def test(seen: Seen) -> bool:
        summary = seen.dissection.summary
        if wanted in f"{summary.source} {summary.destination} {summary.protocol} {summary.info}".lower():
            return True
        fields = (field for layer in seen.dissection.layers for field in layer.fields)
        return any(wanted in f"{field.name}: {field.value}".lower() for field in fields)

    return test


def _field(name: str) -> tuple[str, tuple[str, ...]]:
    if name in _FIELDS:
        return _FIELDS[name]
    layer, dot, field = name.partition(".")
    if layer == "frame" and field in ("len", "number", "interface"):
        return "frame", (field,)
    if not dot or not field:
        raise FilterError(f"{name!r} is no field; write for example ip.ttl, esp.spi or icmp.type")
    _protocol(layer)
    return layer, (field.replace("_", " "),)


def _values(seen: Seen, layer: str, names: tuple[str, ...]) -> Iterator[str]:
    if layer == "frame":
        yield str({"len": seen.length, "number": seen.number, "interface": seen.port}[names[0]])
        return
    layers = _LAYERS.get(layer, (layer.upper(),))
    wanted = {name.lower() for name in names}
    for each in seen.dissection.layers:
        if each.name.upper() in layers:
            yield from (field.value for field in each.fields if field.name.lower() in wanted)


def _numbers(seen: Seen, layer: str, names: tuple[str, ...]) -> Iterator[int]:
    for text in _values(seen, layer, names):
        found = _NUMBER.fullmatch(text)
        if found is not None:
            yield int(found[1], 0)


def _equals(name: str, value: str) -> Test:
    layer, names = _field(name)
    text = value.lower()
    if _MAC.fullmatch(value) and value.count(".") != 3:
        digits = _digits(value)
        return lambda seen: any(_digits(each) == digits for each in _values(seen, layer, names))
    try:
        number = int(value, 0)
    except ValueError:
        return lambda seen: any(text == each.lower() for each in _values(seen, layer, names))
    return lambda seen: any(number == each for each in _numbers(seen, layer, names))


def _digits(mac: str) -> str:
    return re.sub(r"[^0-9a-f]", "", mac.lower())


def _number_of(value: str) -> int:
    try:
        return int(value, 0)
    except ValueError:
        raise FilterError(f"{value!r} is no number") from None


def _address(value: str) -> IPv4Address:
    try:
        return IPv4Address(value)
    except ValueError:
        raise FilterError(f"{value!r} is no IPv4 or MAC address") from None


def _in_net(value: str) -> Test:
    try:
        network = IPv4Network(value, strict=False)
    except ValueError:
        raise FilterError(f"{value!r} is no network; write for example 192.168.1.0/24") from None

    def test(seen: Seen) -> bool:
        ip = _values(seen, "ip", _FIELDS["ip.addr"][1])
        arp = _values(seen, "arp", ("Sender Protocol Address", "Target Protocol Address"))
        return any(IPv4Address(text) in network for each in (ip, arp) for text in each)

    return test
