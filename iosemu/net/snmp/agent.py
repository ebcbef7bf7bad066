"""The command responder: a datagram in, a datagram out (RFC 3413 section 3.2, RFC 3414 section 3.2, RFC 3584)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from iosemu.net.snmp.access import Access, Policy, View
from iosemu.net.snmp.mib import MibTree, WriteError
from iosemu.net.snmp.usm import WINDOW, Level, UsmUser, authentic, decrypt, secured
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.snmp import (
    AUTHENTICATED,
    END_OF_MIB_VIEW,
    LARGEST,
    NO_SUCH_OBJECT,
    PRIVATE,
    REPORTABLE,
    CommunityMessage,
    ErrorStatus,
    Kind,
    Oid,
    Pdu,
    PduType,
    ScopedPdu,
    SecureMessage,
    TrapV1,
    Value,
    VarBind,
    Version,
    counter,
    parse,
    version_of,
)

USM_STATS = (1, 3, 6, 1, 6, 3, 15, 1, 1)
UNSUPPORTED_LEVEL, NOT_IN_WINDOW, UNKNOWN_USER, UNKNOWN_ENGINE, WRONG_DIGEST, DECRYPTION = range(1, 7)
"""The last number of the usmStats objects (RFC 3414 section 5)."""
UNKNOWN_CONTEXT = (1, 3, 6, 1, 6, 3, 12, 1, 5)
_OLD_STATUS = {
    ErrorStatus.NO_ACCESS: ErrorStatus.NO_SUCH_NAME,
    ErrorStatus.NOT_WRITABLE: ErrorStatus.NO_SUCH_NAME,
    ErrorStatus.AUTHORIZATION_ERROR: ErrorStatus.NO_SUCH_NAME,
    ErrorStatus.WRONG_TYPE: ErrorStatus.BAD_VALUE,
    ErrorStatus.WRONG_LENGTH: ErrorStatus.BAD_VALUE,
    ErrorStatus.WRONG_VALUE: ErrorStatus.BAD_VALUE,
}
"""RFC 3584 section 4.3."""
_EXCEPTIONS = (Kind.NO_SUCH_OBJECT, Kind.NO_SUCH_INSTANCE, Kind.END_OF_MIB_VIEW)
REPETITIONS = 64
"""Rows of one answer at most: what a message holds, and what one turn may take."""


@dataclass
class SnmpCounters:
    """What `show snmp` and the SNMP group of the MIB count (RFC 3418)."""

    received: int = 0
    bad_versions: int = 0
    bad_communities: int = 0
    bad_uses: int = 0
    parse_errors: int = 0
    requested: int = 0
    altered: int = 0
    gets: int = 0
    get_nexts: int = 0
    sets: int = 0
    sent: int = 0
    too_big: int = 0
    no_such_names: int = 0
    bad_values: int = 0
    general_errors: int = 0
    responses: int = 0
    traps: int = 0
    dropped: int = 0
    """Silently: responses that would not fit."""


@dataclass(frozen=True)
class Inbound:
    """What the owner is asked and told."""

    permits: Callable[[str, object], bool]
    """Whether an access list lets a source in."""
    refused: Callable[[object], None]
    """Authentication failed: a source used a community or a digest that is none."""
    answered: Callable[[int], None]
    """A manager acknowledged the inform with this request number."""
    elsewhere: Callable[[SecureMessage, object], None] = lambda _message, _source: None
    """What another engine answers in a message of version 3, and from where: it decides about its security."""


class Agent:
    """Answers requests about a tree of objects by a policy.

    `trees(context)` gives the tree of a context (a VLAN of `community@VLAN`), None where there is none.
    """

    def __init__(self, trees: Callable[[str], MibTree | None], inbound: Inbound) -> None:
        self.policy = Policy(b"")
        self.counters = SnmpCounters()
        self.usm_stats = dict.fromkeys(range(1, 7), 0)
        self.boots = 1
        self.salt = 0
        self._trees = trees
        self._inbound = inbound

    def receive(self, data: bytes, source: object, uptime: float) -> bytes | None:
        """The answer to a datagram; None: there is none. `uptime` is snmpEngineTime in seconds."""
        counters = self.counters
        counters.received += 1
        if len(data) > LARGEST:
            counters.parse_errors += 1
            return None
        try:
            if version_of(data) not in tuple(Version):
                counters.bad_versions += 1
                return None
            message = parse(data)
        except MalformedPacket:
            counters.parse_errors += 1
            return None
        if isinstance(message, CommunityMessage):
            return self._by_community(message, source)
        try:
            return self._by_user(message, source, int(uptime))
        except MalformedPacket:
            counters.parse_errors += 1
            return None

    # --- v1 and v2c ------------------------------------------------------------------------------------------

    def _by_community(self, message: CommunityMessage, source: object) -> bytes | None:
        pdu = message.pdu
        if isinstance(pdu, TrapV1):
            return None
        if pdu.type is PduType.RESPONSE:
            self._inbound.answered(pdu.request)
            return None
        name, _, vlan = message.community.decode("latin-1").partition("@")
        whole = message.community.decode("latin-1")
        context = "" if whole in self.policy.communities else vlan
        community = self.policy.communities.get(whole) or self.policy.communities.get(name)
        tree = self._trees(context) if community is not None else None
        if community is None or tree is None:
            self.counters.bad_communities += 1
            self._inbound.refused(source)
            return None
        if community.access_list and not self._inbound.permits(community.access_list, source):
            self.counters.bad_communities += 1
            self._inbound.refused(source)
            return None
        if message.version is Version.V1 and pdu.type is PduType.GET_BULK:
            self.counters.parse_errors += 1
            return None

        def encode(answer: Pdu) -> bytes:
            return CommunityMessage(message.version, message.community, answer).to_bytes()

        return self._answer(pdu, community.access, tree, message.version, encode)

    # --- v3 --------------------------------------------------------------------------------------------------

    def _by_user(self, message: SecureMessage, source: object, uptime: int) -> bytes | None:
        if message.engine != self.policy.engine:
            if not message.flags & REPORTABLE:
                self._inbound.elsewhere(message, source)
                return None
            return self._report(message, UNKNOWN_ENGINE, uptime)
        member = self.policy.members.get(message.user.decode("utf-8", "replace"))
        if member is None:
            self._inbound.refused(source)
            return self._report(message, UNKNOWN_USER, uptime)
        user, level = member.user, message.flags & Level.PRIV
        if level == PRIVATE or level & ~user.level:
            return self._report(message, UNSUPPORTED_LEVEL, uptime)
        if level & AUTHENTICATED:
            if not authentic(user, message):
                self._inbound.refused(source)
                return self._report(message, WRONG_DIGEST, uptime)
            if message.boots != self.boots or abs(message.time - uptime) > WINDOW:
                return self._report(message, NOT_IN_WINDOW, uptime, user)
        if level & PRIVATE:
            try:
                scoped = decrypt(user, message)
            except ValueError:
                self.usm_stats[DECRYPTION] += 1
                return None
        elif isinstance(message.scoped, bytes):
            self.counters.parse_errors += 1
            return None
        else:
            scoped = message.scoped
        return self._scoped(message, scoped, level, source, uptime)

    def _scoped(
        self, message: SecureMessage, scoped: ScopedPdu, level: int, source: object, uptime: int
    ) -> bytes | None:
        member = self.policy.members[message.user.decode("utf-8", "replace")]
        pdu = scoped.pdu
        if pdu.type is PduType.RESPONSE:
            self._inbound.answered(pdu.request)
            return None
        if pdu.type not in (PduType.GET, PduType.GET_NEXT, PduType.GET_BULK, PduType.SET):
            return None

        def encode(answer: Pdu) -> bytes:
            inside = ScopedPdu(self.policy.engine, answer, scoped.context)
            return self._secured(member.user, replace(message, flags=level, scoped=inside), uptime)

        for name in (member.access_list,):
            if name and not self._inbound.permits(name, source):
                return None
        group = member.group(Level(level))
        tree = self._trees(scoped.context.decode("latin-1").removeprefix("vlan-"))
        if group is None or tree is None:
            return self._sent(encode(self._error(pdu, ErrorStatus.AUTHORIZATION_ERROR, 0)))
        if group.access_list and not self._inbound.permits(group.access_list, source):
            return None
        return self._answer(pdu, group.access, tree, Version.V3, encode)

    def _secured(self, user: UsmUser, message: SecureMessage, uptime: int) -> bytes:
        self.salt += 1
        made = replace(
            message,
            engine=self.policy.engine,
            boots=self.boots,
            time=uptime,
            digest=b"",
            salt=b"",
            largest=LARGEST,
        )
        return secured(user, made, self.salt)

    def _report(
        self, message: SecureMessage, what: int, uptime: int, user: UsmUser | None = None
    ) -> bytes | None:
        """Tell why a message is not taken (RFC 3414 section 3.2), if its sender wants to hear."""
        self.usm_stats[what] += 1
        if not message.flags & REPORTABLE:
            return None
        request = message.scoped.pdu.request if isinstance(message.scoped, ScopedPdu) else 0
        value = VarBind((*USM_STATS, what, 0), counter(self.usm_stats[what]))
        scoped = ScopedPdu(self.policy.engine, Pdu(PduType.REPORT, request, (value,)))
        made = replace(message, flags=AUTHENTICATED if user is not None else 0, scoped=scoped)
        return self._sent(self._secured(user or UsmUser(""), made, uptime))

    # --- requests --------------------------------------------------------------------------------------------

    def _sent(self, data: bytes) -> bytes:
        self.counters.sent += 1
        return data

    def _answer(
        self, pdu: Pdu, access: Access, tree: MibTree, version: Version, encode: Callable[[Pdu], bytes]
    ) -> bytes | None:
        """Carry out a request and make its response."""
        counters = self.counters
        tree.begin()
        if pdu.type is PduType.GET:
            counters.gets += 1
            answer = self._get(pdu, access, tree, version)
        elif pdu.type is PduType.GET_NEXT:
            counters.get_nexts += 1
            answer = self._get_next(pdu, access, tree, version)
        elif pdu.type is PduType.GET_BULK:
            counters.get_nexts += 1
            answer = self._get_bulk(pdu, access, tree)
        elif pdu.type is PduType.SET:
            counters.sets += 1
            answer = self._set(pdu, access, tree, version)
        else:
            return None
        data = encode(answer)
        while len(data) > LARGEST:
            if pdu.type is PduType.GET_BULK and len(answer.bindings) > 1:
                fitting = max(1, min(len(answer.bindings) - 1, len(answer.bindings) * LARGEST // len(data)))
                answer = replace(answer, bindings=answer.bindings[:fitting])
            elif answer.bindings:
                bindings = pdu.bindings if version is Version.V1 else ()
                answer = replace(answer, status=ErrorStatus.TOO_BIG, index=0, bindings=bindings)
                counters.too_big += 1
                if len(encode(answer)) > LARGEST:
                    answer = replace(answer, bindings=())
            data = encode(answer)
            if not answer.bindings:
                break
        if answer.status == ErrorStatus.NO_SUCH_NAME:
            counters.no_such_names += 1
        elif answer.status in (ErrorStatus.BAD_VALUE, ErrorStatus.WRONG_TYPE, ErrorStatus.WRONG_VALUE):
            counters.bad_values += 1
        elif answer.status == ErrorStatus.GEN_ERR:
            counters.general_errors += 1
        counters.responses += 1
        return self._sent(data)

    def _error(self, pdu: Pdu, status: ErrorStatus, index: int) -> Pdu:
        return Pdu(PduType.RESPONSE, pdu.request, pdu.bindings, status, index)

    def _get(self, pdu: Pdu, access: Access, tree: MibTree, version: Version) -> Pdu:
        found = []
        for index, (name, _value) in enumerate(pdu.bindings, 1):
            value = tree.get(name) if access.read is not None and name in access.read else NO_SUCH_OBJECT
            if version is Version.V1 and (value.kind in _EXCEPTIONS or value.kind is Kind.COUNTER64):
                return self._error(pdu, ErrorStatus.NO_SUCH_NAME, index)
            found.append(VarBind(name, value))
        self.counters.requested += len(found)
        return Pdu(PduType.RESPONSE, pdu.request, tuple(found))

    def _after(self, name: Oid, view: View | None, tree: MibTree, version: Version) -> VarBind | None:
        """The next instance that may be seen; version 1 has no 64-bit counters (RFC 3584 section 4.2.2.1)."""
        while view is not None:
            found = tree.after(name)
            if found is None:
                return None
            if found.name in view and (version is not Version.V1 or found.value.kind is not Kind.COUNTER64):
                return found
            name = found.name
        return None

    def _get_next(self, pdu: Pdu, access: Access, tree: MibTree, version: Version) -> Pdu:
        found = []
        for index, (name, _value) in enumerate(pdu.bindings, 1):
            after = self._after(name, access.read, tree, version)
            if after is None and version is Version.V1:
                return self._error(pdu, ErrorStatus.NO_SUCH_NAME, index)
            found.append(after or VarBind(name, END_OF_MIB_VIEW))
        self.counters.requested += len(found)
        return Pdu(PduType.RESPONSE, pdu.request, tuple(found))

    def _get_bulk(self, pdu: Pdu, access: Access, tree: MibTree) -> Pdu:
        """RFC 3416 section 4.2.3; as many rows as surely fill a message."""
        once = max(0, min(pdu.status, len(pdu.bindings)))
        names = [name for name, _value in pdu.bindings]
        found = [
            self._after(name, access.read, tree, Version.V2C) or VarBind(name, END_OF_MIB_VIEW)
            for name in names[:once]
        ]
        repeated = names[once:]
        for _ in range(max(0, min(pdu.index, REPETITIONS)) if repeated else 0):
            row = [
                self._after(name, access.read, tree, Version.V2C) or VarBind(name, END_OF_MIB_VIEW)
                for name in repeated
            ]
            found += row
            repeated = [name for name, _value in row]
            if len(found) >= REPETITIONS or all(each.value.kind is Kind.END_OF_MIB_VIEW for each in row):
                break
        self.counters.requested += len(found)
        return Pdu(PduType.RESPONSE, pdu.request, tuple(found))

    def _set(self, pdu: Pdu, access: Access, tree: MibTree, version: Version) -> Pdu:
        """All or nothing (RFC 3416 section 4.2.5)."""
        writes: list[Callable[[], None]] = []
        for index, (name, value) in enumerate(pdu.bindings, 1):
            try:
                if access.write is None or name not in access.write:
                    self.counters.bad_uses += 1
                    raise WriteError(ErrorStatus.NO_ACCESS)
                writes.append(tree.write(name, value))
            except WriteError as error:
                status = (
                    _OLD_STATUS.get(error.status, error.status) if version is Version.V1 else error.status
                )
                return self._error(pdu, status, index)
        for write in writes:
            write()
        self.counters.altered += len(writes)
        return Pdu(PduType.RESPONSE, pdu.request, pdu.bindings)


def text_of(value: Value, longest: int = 255) -> str:
    """The text of a DisplayString that was set. Raises WriteError."""
    if value.kind is not Kind.STRING:
        raise WriteError(ErrorStatus.WRONG_TYPE)
    if len(value.content) > longest:
        raise WriteError(ErrorStatus.WRONG_LENGTH)
    try:
        text = bytes(value.content).decode("ascii")
    except UnicodeDecodeError as error:
        raise WriteError(ErrorStatus.WRONG_VALUE) from error
    if not text.isprintable():
        raise WriteError(ErrorStatus.WRONG_VALUE)
    return text
