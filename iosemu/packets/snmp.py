"""SNMP messages and PDUs: v1 (RFC 1157), v2c (RFC 1901, 3416) and v3 (RFC 3412, 3414). ASN.1 by pyasn1."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from ipaddress import IPv4Address
from typing import Any, NamedTuple

from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import PyAsn1Error
from pyasn1.type import namedtype, tag, univ

from iosemu.packets.errors import MalformedPacket

SNMP_PORT = 161
TRAP_PORT = 162
LARGEST = 1500
"""Octets of the largest message that IOS takes and makes (`snmp-server packetsize`)."""
Oid = tuple[int, ...]


class Version(IntEnum):
    """What stands in the version field."""

    V1 = 0
    V2C = 1
    V3 = 3


class PduType(IntEnum):
    """The context tags of RFC 3416 section 3; TRAP_V1 is that of RFC 1157."""

    GET = 0
    GET_NEXT = 1
    RESPONSE = 2
    SET = 3
    TRAP_V1 = 4
    GET_BULK = 5
    INFORM = 6
    TRAP = 7
    REPORT = 8


class ErrorStatus(IntEnum):
    """RFC 3416 section 3."""

    NO_ERROR = 0
    TOO_BIG = 1
    NO_SUCH_NAME = 2
    BAD_VALUE = 3
    READ_ONLY = 4
    GEN_ERR = 5
    NO_ACCESS = 6
    WRONG_TYPE = 7
    WRONG_LENGTH = 8
    WRONG_ENCODING = 9
    WRONG_VALUE = 10
    NOT_WRITABLE = 17
    AUTHORIZATION_ERROR = 16


class Kind(IntEnum):
    """The types of values (RFC 2578 section 2, RFC 3416 section 3); the value is the tag's octet."""

    INTEGER = 0x02
    STRING = 0x04
    NULL = 0x05
    OID = 0x06
    ADDRESS = 0x40
    COUNTER32 = 0x41
    GAUGE32 = 0x42
    TIME_TICKS = 0x43
    OPAQUE = 0x44
    COUNTER64 = 0x46
    NO_SUCH_OBJECT = 0x80
    NO_SUCH_INSTANCE = 0x81
    END_OF_MIB_VIEW = 0x82


class Value(NamedTuple):
    """A value: int for numbers, bytes for strings and addresses, a tuple for object identifiers, None else."""

    kind: Kind
    content: Any = None


def integer(value: int) -> Value:
    """An INTEGER."""
    return Value(Kind.INTEGER, int(value))


def octets(value: bytes | str) -> Value:
    """An OCTET STRING; text is encoded as UTF-8."""
    return Value(Kind.STRING, value.encode() if isinstance(value, str) else bytes(value))


def oid(value: Oid) -> Value:
    """An OBJECT IDENTIFIER."""
    return Value(Kind.OID, value)


def plain(value: Value) -> str | None:
    """A value as a word; None where there is none."""
    match value.kind:
        case Kind.NO_SUCH_OBJECT | Kind.NO_SUCH_INSTANCE | Kind.END_OF_MIB_VIEW | Kind.NULL:
            return None
        case Kind.STRING | Kind.OPAQUE:
            return bytes(value.content).decode("latin-1")
        case Kind.OID | Kind.ADDRESS:
            return ".".join(map(str, value.content))
    return str(value.content)


def address(value: IPv4Address) -> Value:
    """An IpAddress."""
    return Value(Kind.ADDRESS, value.packed)


def counter(value: int) -> Value:
    """A Counter32, which begins anew at 2^32."""
    return Value(Kind.COUNTER32, value & 0xFFFFFFFF)


def counter64(value: int) -> Value:
    """A Counter64."""
    return Value(Kind.COUNTER64, value & 0xFFFFFFFFFFFFFFFF)


def gauge(value: int) -> Value:
    """A Gauge32, which stays at its largest value."""
    return Value(Kind.GAUGE32, min(max(value, 0), 0xFFFFFFFF))


def ticks(seconds: float) -> Value:
    """TimeTicks, of seconds."""
    return Value(Kind.TIME_TICKS, int(seconds * 100 + 1e-6) & 0xFFFFFFFF)


NULL = Value(Kind.NULL)
NO_SUCH_OBJECT = Value(Kind.NO_SUCH_OBJECT)
NO_SUCH_INSTANCE = Value(Kind.NO_SUCH_INSTANCE)
END_OF_MIB_VIEW = Value(Kind.END_OF_MIB_VIEW)


class VarBind(NamedTuple):
    """A name and its value."""

    name: Oid
    value: Value = NULL


@dataclass(frozen=True)
class Pdu:
    """A PDU; `status` and `index` are non-repeaters and max-repetitions of a GET_BULK."""

    type: PduType
    request: int
    bindings: tuple[VarBind, ...] = ()
    status: int = 0
    index: int = 0


@dataclass(frozen=True)
class TrapV1:
    """A Trap-PDU of RFC 1157 section 4.1.6."""

    enterprise: Oid
    agent: IPv4Address
    generic: int
    specific: int
    uptime: int
    """Hundredths of a second."""
    bindings: tuple[VarBind, ...] = ()


@dataclass(frozen=True)
class CommunityMessage:
    """A message of v1 or v2c."""

    version: Version
    community: bytes
    pdu: Pdu | TrapV1

    def to_bytes(self) -> bytes:
        """BER."""
        return _encode(
            _sequence(univ.Integer(self.version), univ.OctetString(self.community), _pdu(self.pdu))
        )


AUTHENTICATED, PRIVATE, REPORTABLE = 1, 2, 4
"""msgFlags (RFC 3412 section 6.4)."""
USM = 3
"""msgSecurityModel of RFC 3414."""
DIGEST = 12
"""Octets of msgAuthenticationParameters."""


@dataclass(frozen=True)
class ScopedPdu:
    """RFC 3412 section 6.8."""

    engine: bytes
    pdu: Pdu
    context: bytes = b""

    def to_bytes(self) -> bytes:
        """BER: what is encrypted."""
        return _encode(self._made())

    def _made(self) -> univ.Sequence:
        return _sequence(univ.OctetString(self.engine), univ.OctetString(self.context), _pdu(self.pdu))

    @classmethod
    def parse(cls, data: bytes) -> ScopedPdu:
        """Read one; what follows it (the padding of DES) does not matter. Raises MalformedPacket."""
        return cls.of(_decode(data, _SCOPED, exact=False))

    @classmethod
    def of(cls, parsed: Any) -> ScopedPdu:
        """What pyasn1 read."""
        pdu = _read_pdu(parsed[2])
        if not isinstance(pdu, Pdu):
            raise MalformedPacket("SNMP: a Trap-PDU of version 1 in a message of version 3")
        return cls(bytes(parsed[0]), pdu, bytes(parsed[1]))


@dataclass(frozen=True)
class SecureMessage:
    """A message of v3 with the User-based Security Model."""

    identifier: int
    flags: int
    engine: bytes
    boots: int
    time: int
    user: bytes
    scoped: ScopedPdu | bytes
    """Bytes: encrypted."""
    digest: bytes = b""
    salt: bytes = b""
    largest: int = LARGEST
    raw: bytes = field(default=b"", compare=False)
    """As it came."""
    digest_at: int = field(default=0, compare=False)
    """Where the digest stands in `raw`."""

    def to_bytes(self) -> bytes:
        """BER."""
        security = _encode(
            _sequence(
                univ.OctetString(self.engine),
                univ.Integer(self.boots),
                univ.Integer(self.time),
                univ.OctetString(self.user),
                univ.OctetString(self.digest),
                univ.OctetString(self.salt),
            )
        )
        header = _sequence(
            univ.Integer(self.identifier),
            univ.Integer(self.largest),
            univ.OctetString(bytes((self.flags,))),
            univ.Integer(USM),
        )
        data = univ.OctetString(self.scoped) if isinstance(self.scoped, bytes) else self.scoped._made()
        return _encode(_sequence(univ.Integer(Version.V3), header, univ.OctetString(security), data))

    def without_digest(self) -> bytes:
        """`raw` with zeros in the place of the digest (RFC 3414 section 6.3.2)."""
        end = self.digest_at + DIGEST
        return self.raw[: self.digest_at] + bytes(DIGEST) + self.raw[end:]


# --- ASN.1 ---------------------------------------------------------------------------------------------------


def _tagged(base: Any, class_: int, number: int, form: int = tag.tagFormatSimple) -> Any:
    return base.subtype(implicitTag=tag.Tag(class_, form, number))


_BASES: dict[Kind, Any] = {
    Kind.INTEGER: univ.Integer(),
    Kind.STRING: univ.OctetString(),
    Kind.NULL: univ.Null(),
    Kind.OID: univ.ObjectIdentifier(),
    Kind.ADDRESS: _tagged(univ.OctetString(), tag.tagClassApplication, 0),
    Kind.COUNTER32: _tagged(univ.Integer(), tag.tagClassApplication, 1),
    Kind.GAUGE32: _tagged(univ.Integer(), tag.tagClassApplication, 2),
    Kind.TIME_TICKS: _tagged(univ.Integer(), tag.tagClassApplication, 3),
    Kind.OPAQUE: _tagged(univ.OctetString(), tag.tagClassApplication, 4),
    Kind.COUNTER64: _tagged(univ.Integer(), tag.tagClassApplication, 6),
    Kind.NO_SUCH_OBJECT: _tagged(univ.Null(), tag.tagClassContext, 0),
    Kind.NO_SUCH_INSTANCE: _tagged(univ.Null(), tag.tagClassContext, 1),
    Kind.END_OF_MIB_VIEW: _tagged(univ.Null(), tag.tagClassContext, 2),
}
_VALUE = univ.Choice(
    componentType=namedtype.NamedTypes(
        *(namedtype.NamedType(kind.name, base) for kind, base in _BASES.items())
    )
)
_NUMBERS = frozenset((Kind.INTEGER, Kind.COUNTER32, Kind.GAUGE32, Kind.TIME_TICKS, Kind.COUNTER64))
_STRINGS = frozenset((Kind.STRING, Kind.ADDRESS, Kind.OPAQUE))


def _fields(*types: Any) -> namedtype.NamedTypes:
    return namedtype.NamedTypes(*(namedtype.NamedType(f"f{index}", each) for index, each in enumerate(types)))


_BINDINGS = univ.SequenceOf(
    componentType=univ.Sequence(componentType=_fields(univ.ObjectIdentifier(), _VALUE))
)
_PDU_FIELDS = _fields(univ.Integer(), univ.Integer(), univ.Integer(), _BINDINGS)
_TRAP_FIELDS = _fields(
    univ.ObjectIdentifier(),
    _BASES[Kind.ADDRESS],
    univ.Integer(),
    univ.Integer(),
    _BASES[Kind.TIME_TICKS],
    _BINDINGS,
)


def _pdu_spec(kind: PduType) -> Any:
    fields_ = _TRAP_FIELDS if kind is PduType.TRAP_V1 else _PDU_FIELDS
    return _tagged(univ.Sequence(componentType=fields_), tag.tagClassContext, kind, tag.tagFormatConstructed)


_SPECS = {kind: _pdu_spec(kind) for kind in PduType}
_PDU = univ.Choice(
    componentType=namedtype.NamedTypes(
        *(namedtype.NamedType(kind.name, spec) for kind, spec in _SPECS.items())
    )
)
_SCOPED = univ.Sequence(componentType=_fields(univ.OctetString(), univ.OctetString(), _PDU))
_COMMUNITY = univ.Sequence(componentType=_fields(univ.Integer(), univ.OctetString(), _PDU))
_SECURE = univ.Sequence(
    componentType=_fields(
        univ.Integer(),
        univ.Sequence(
            componentType=_fields(univ.Integer(), univ.Integer(), univ.OctetString(), univ.Integer())
        ),
        univ.OctetString(),
        univ.Choice(
            componentType=namedtype.NamedTypes(
                namedtype.NamedType("plain", _SCOPED), namedtype.NamedType("encrypted", univ.OctetString())
            )
        ),
    )
)
_SECURITY = univ.Sequence(
    componentType=_fields(
        univ.OctetString(),
        univ.Integer(),
        univ.Integer(),
        univ.OctetString(),
        univ.OctetString(),
        univ.OctetString(),
    )
)


def _decode(data: bytes, spec: Any, *, exact: bool = True) -> Any:
    try:
        parsed, rest = decoder.decode(data, asn1Spec=spec)
    except (PyAsn1Error, ValueError, TypeError, IndexError, OverflowError, RecursionError) as error:
        raise MalformedPacket(f"SNMP: {type(error).__name__}") from error
    if exact and rest:
        raise MalformedPacket("SNMP: octets after the message")
    return parsed


def _encode(made: Any) -> bytes:
    return bytes(encoder.encode(made))


def _sequence(*items: Any) -> univ.Sequence:
    made = univ.Sequence()
    for index, item in enumerate(items):
        made.setComponentByPosition(index, item)
    return made


def _content(value: Value) -> Any:
    base = _BASES[value.kind]
    return base.clone("" if value.content is None else value.content)


def _bindings(bindings: tuple[VarBind, ...]) -> univ.SequenceOf:
    made: Any = univ.SequenceOf(componentType=univ.Sequence())
    for index, (name, value) in enumerate(bindings):
        made.setComponentByPosition(
            index,
            _sequence(univ.ObjectIdentifier(name), _content(value)),
            verifyConstraints=False,
            matchTags=False,
            matchConstraints=False,
        )
    return made


def _pdu(pdu: Pdu | TrapV1) -> univ.Sequence:
    if isinstance(pdu, TrapV1):
        kind = PduType.TRAP_V1
        items: tuple[Any, ...] = (
            univ.ObjectIdentifier(pdu.enterprise),
            _BASES[Kind.ADDRESS].clone(pdu.agent.packed),
            univ.Integer(pdu.generic),
            univ.Integer(pdu.specific),
            _BASES[Kind.TIME_TICKS].clone(pdu.uptime),
        )
    else:
        kind = pdu.type
        items = (univ.Integer(pdu.request), univ.Integer(pdu.status), univ.Integer(pdu.index))
    made: univ.Sequence = _tagged(univ.Sequence(), tag.tagClassContext, kind, tag.tagFormatConstructed)
    for index, item in enumerate((*items, _bindings(pdu.bindings))):
        made.setComponentByPosition(index, item)
    return made


def _read_bindings(parsed: Any) -> tuple[VarBind, ...]:
    found = []
    for each in parsed:
        choice = each[1]
        kind = Kind[choice.getName()]
        component = choice.getComponent()
        content: Any = None
        if kind in _NUMBERS:
            content = int(component)
        elif kind in _STRINGS:
            content = bytes(component)
        elif kind is Kind.OID:
            content = tuple(component)
        found.append(VarBind(tuple(each[0]), Value(kind, content)))
    return tuple(found)


def _read_pdu(choice: Any) -> Pdu | TrapV1:
    kind, parsed = PduType[choice.getName()], choice.getComponent()
    if kind is PduType.TRAP_V1:
        agent = bytes(parsed[1])
        if len(agent) != 4:
            raise MalformedPacket("SNMP: an address is four octets")
        return TrapV1(
            tuple(parsed[0]),
            IPv4Address(agent),
            int(parsed[2]),
            int(parsed[3]),
            int(parsed[4]),
            _read_bindings(parsed[5]),
        )
    return Pdu(kind, int(parsed[0]), _read_bindings(parsed[3]), int(parsed[1]), int(parsed[2]))


def version_of(data: bytes) -> int:
    """What stands in the version field. Raises MalformedPacket."""
    if len(data) < 5 or data[0] != 0x30:
        raise MalformedPacket("SNMP: not a message")
    start = 2 + (data[1] & 0x7F if data[1] & 0x80 else 0)
    if data[start : start + 2] != b"\x02\x01" or len(data) < start + 3:
        raise MalformedPacket("SNMP: no version")
    return data[start + 2]


def parse(data: bytes) -> CommunityMessage | SecureMessage:
    """Read a message of any version. Raises MalformedPacket."""
    version = version_of(data)
    try:
        if version in (Version.V1, Version.V2C):
            parsed = _decode(data, _COMMUNITY)
            return CommunityMessage(Version(version), bytes(parsed[1]), _read_pdu(parsed[2]))
        if version == Version.V3:
            return _secure(data)
    except PyAsn1Error as error:
        raise MalformedPacket(f"SNMP: {type(error).__name__}") from error
    raise MalformedPacket(f"SNMP: version {version}")


def _secure(data: bytes) -> SecureMessage:
    parsed = _decode(data, _SECURE)
    header, parameters, scoped = parsed[1], bytes(parsed[2]), parsed[3]
    if int(header[3]) != USM or len(header[2]) != 1:
        raise MalformedPacket("SNMP: another security model than that of RFC 3414")
    security = _decode(parameters, _SECURITY)
    digest, salt = bytes(security[4]), bytes(security[5])
    plain = scoped.getName() == "plain"
    start = data.find(parameters)
    if start < 0:
        raise MalformedPacket("SNMP: security parameters in pieces")
    return SecureMessage(
        int(header[0]),
        bytes(header[2])[0],
        bytes(security[0]),
        int(security[1]),
        int(security[2]),
        bytes(security[3]),
        ScopedPdu.of(scoped.getComponent()) if plain else bytes(scoped.getComponent()),
        digest,
        salt,
        int(header[1]),
        data,
        start + len(parameters) - 2 - len(salt) - len(digest),
    )
