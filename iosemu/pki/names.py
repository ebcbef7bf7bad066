"""Distinguished names: typed, printed, encoded (RFC 5280, 4.1.2.4; RFC 2985 for the names of hosts)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Final

from asn1crypto import core, x509

from iosemu.pki.der import sequence, set_of

HOSTNAME, ADDRESS, SERIAL = "1.2.840.113549.1.9.2", "1.2.840.113549.1.9.8", "2.5.4.5"
WORDS: Final = {
    "2.5.4.3": "cn",
    "2.5.4.11": "ou",
    "2.5.4.10": "o",
    "2.5.4.7": "l",
    "2.5.4.8": "st",
    "2.5.4.6": "c",
    "2.5.4.9": "street",
    "2.5.4.12": "title",
    "2.5.4.4": "surname",
    "2.5.4.42": "givenName",
    "1.2.840.113549.1.9.1": "e",
    "0.9.2342.19200300.100.1.25": "dc",
    "0.9.2342.19200300.100.1.1": "uid",
    SERIAL: "serialNumber",
    HOSTNAME: "hostname",
    ADDRESS: "ipaddress",
}
"""How IOS prints the types of attributes, by their dotted numbers."""
_TYPED: Final = {word.lower(): number for number, word in WORDS.items()} | {
    "s": "2.5.4.8", "sp": "2.5.4.8", "t": "2.5.4.12", "email": "1.2.840.113549.1.9.1",
    "ea": "1.2.840.113549.1.9.1", "emailaddress": "1.2.840.113549.1.9.1", "sn": SERIAL,
    "unstructuredname": HOSTNAME, "unstructuredaddress": ADDRESS,
}  # fmt: skip
_PRINTABLE: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?")
_IA5: Final = frozenset((HOSTNAME, "1.2.840.113549.1.9.1", "0.9.2342.19200300.100.1.25"))


@dataclass(frozen=True, slots=True)
class Attribute:
    """One type and value."""

    type: str
    """Its dotted number."""
    value: str

    @property
    def word(self) -> str:
        """How IOS prints the type."""
        return WORDS.get(self.type, self.type)

    def __str__(self) -> str:
        return f"{self.word}={self.value}"

    def der(self) -> bytes:
        """The encoding: printable where it can be."""
        if self.type in _IA5:
            text: core.Asn1Value = core.IA5String(self.value)
        elif self.type == ADDRESS or _PRINTABLE.issuperset(self.value):
            text = core.PrintableString(self.value)
        else:
            text = core.UTF8String(self.value)
        return sequence(core.ObjectIdentifier(self.type).dump(), text.dump())


@dataclass(frozen=True, slots=True)
class Name:
    """A distinguished name; the most particular part stands first, as IOS types and prints it."""

    parts: tuple[tuple[Attribute, ...], ...] = ()

    @classmethod
    def typed(cls, text: str) -> Name:
        """`CN=R1,OU=VPN,O=Example`; ValueError where it is none."""
        parts = []
        for part in filter(None, (each.strip() for each in _split(text, ","))):
            attributes = []
            for each in _split(part, "+"):
                word, equals, value = each.partition("=")
                number = _TYPED.get(word.strip().lower())
                if not equals or number is None or not value.strip():
                    raise ValueError(f"no attribute: {each}")
                attributes.append(Attribute(number, value.strip().strip('"')))
            parts.append(tuple(attributes))
        return cls(tuple(parts))

    @classmethod
    def load(cls, der: bytes) -> Name:
        """Read an encoding; ValueError where it is none."""
        try:
            sequence_ = x509.Name.load(der, strict=True).chosen
            found = [
                tuple(Attribute(each["type"].dotted, _text(each["value"])) for each in part)
                for part in sequence_
            ]
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"no distinguished name: {error}") from None
        return cls(tuple(reversed(found)))

    def der(self) -> bytes:
        """The encoding: from the most general part to the most particular."""
        inner = [set_of(each.der() for each in part) for part in reversed(self.parts)]
        return sequence(*inner)

    def first(self, number: str) -> str | None:
        """The first value of an attribute type."""
        return next((each.value for part in self.parts for each in part if each.type == number), None)

    def lines(self) -> list[str]:
        """One line a part, as the shows list them."""
        return ["+".join(map(str, part)) for part in self.parts]

    def __str__(self) -> str:
        return ",".join(self.lines())

    def with_part(self, attributes: tuple[Attribute, ...]) -> Name:
        """With one more part, the most particular of all."""
        return Name((attributes, *self.parts)) if attributes else self

    @property
    def folded(self) -> str:
        """What is the same for names that are (RFC 5280, 7.1: case and repeated spaces do not count)."""
        return ",".join(
            "+".join(sorted(f"{each.type}={' '.join(each.value.lower().split())}" for each in part))
            for part in self.parts
        )


def host_attributes(
    fqdn: str | None, serial: str | None, address: IPv4Address | None
) -> tuple[Attribute, ...]:
    """What a router says of itself in the subject of its certificate, as one part."""
    named = [(SERIAL, serial), (HOSTNAME, fqdn), (ADDRESS, str(address) if address is not None else None)]
    return tuple(Attribute(number, value) for number, value in named if value is not None)


def _text(value: core.Asn1Value) -> str:
    native = value.native
    return native if isinstance(native, str) else str(native)


def _split(text: str, mark: str) -> list[str]:
    """Cut at a mark that is neither quoted nor escaped."""
    found, quoted, escaped, piece = [], False, False, ""
    for letter in text:
        if escaped or (letter == "\\" and not escaped):
            escaped = not escaped
            piece += letter if not escaped else ""
        elif letter == mark and not quoted:
            found.append(piece)
            piece = ""
        else:
            quoted ^= letter == '"'
            piece += letter
    return [*found, piece]
