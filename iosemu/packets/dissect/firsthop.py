"""First-hop redundancy: HSRP, VRRP and GLBP."""

from __future__ import annotations

from iosemu.packets import glbp, hsrp, vrrp
from iosemu.packets.dissect.model import DissectionBuilder

_HSRP_STATES = {state.value: state.name.capitalize() for state in hsrp.State}
_HSRP_STATES_2 = {0: "Disabled", 1: "Init", 2: "Learn", 3: "Listen", 4: "Speak", 5: "Standby", 6: "Active"}
_OPCODES = {opcode.value: opcode.name.capitalize() for opcode in hsrp.Opcode}
_AUTHENTICATION = {0: "No Authentication", 1: "Simple Text Password", 254: "MD5"}
_GLBP_STATES = {state.value: state.name.capitalize() for state in glbp.State}
_GLBP_OPERATIONS = {each.value: each.name.capitalize() for each in glbp.Operation}
_GLBP_TLVS = {1: "Hello", 2: "Request/Response", 3: "Authentication"}


def dissect_hsrp(b: DissectionBuilder, data: bytes, at: int) -> None:
    """A hello, coup, resign or advertisement."""
    message = hsrp.parse(data)
    if isinstance(message, hsrp.HsrpAdvertisement):
        b.layer("HSRP", at, at + len(data))
        place = at + 8 if message.version == 1 else at + 2
        b.number("Active Groups", place, 2)
        b.number("Passive Groups", place + 2, 2)
        b.say("HSRP", f"Advertise (active groups {message.active}, passive groups {message.passive})")
        return
    b.layer("HSRP" if message.version == 1 else "HSRPv2", at, at + len(data))
    if message.version == 1:
        b.number("Version", at, 1)
        b.number("Op Code", at + 1, 1, _OPCODES)
        b.number("State", at + 2, 1, _HSRP_STATES)
        b.field("Hellotime", f"{message.hello // 1000} s", at + 3, 1)
        b.field("Holdtime", f"{message.hold // 1000} s", at + 4, 1)
        b.number("Priority", at + 5, 1)
        b.number("Group", at + 6, 1)
        if message.text is not None:
            b.field("Authentication Data", message.text.decode("latin-1"), at + 8, 8)
        b.field("Virtual IP Address", message.address, at + 16, 4)
        end = at + 20
    else:
        b.number("Version", at + 2, 1)
        b.number("Op Code", at + 3, 1, _OPCODES)
        b.number("State", at + 4, 1, _HSRP_STATES_2)
        b.number("IP Version", at + 5, 1)
        b.number("Group", at + 6, 2)
        b.field("Identifier", message.identifier, at + 8, 6)
        b.number("Priority", at + 14, 4)
        b.field("Hellotime", f"{message.hello} ms", at + 18, 4)
        b.field("Holdtime", f"{message.hold} ms", at + 22, 4)
        b.field("Virtual IP Address", message.address, at + 26, 4)
        end = at + 42
        if message.text is not None:
            b.field("Authentication Data", message.text.decode("latin-1"), end + 2, 8)
            end += 10
    if message.md5 is not None:
        b.field("Authentication Key ID", message.md5.key, end + 10, 4)
        b.hexadecimal("Authentication Digest", end + 14, 16)
    state = message.state.name.capitalize()
    b.say("HSRP" if message.version == 1 else "HSRPv2", f"{_OPCODES[message.opcode]} (state {state})")


def dissect_vrrp(b: DissectionBuilder, data: bytes, at: int) -> None:
    """An advertisement."""
    message = vrrp.parse(data)
    b.layer("VRRP", at, at + len(data))
    b.field("Version", 2, at, 1)
    b.field("Type", "Advertisement (1)", at, 1)
    b.number("Virtual Router ID", at + 1, 1)
    b.number("Priority", at + 2, 1)
    b.number("Count IP Addrs", at + 3, 1)
    b.number("Auth Type", at + 4, 1, _AUTHENTICATION)
    b.field("Adver Int", f"{message.interval} s", at + 5, 1)
    b.hexadecimal("Checksum", at + 6, 2)
    for index, address in enumerate(message.addresses):
        b.field("IP Address", address, at + 8 + 4 * index, 4)
    if message.authentication_type == vrrp.TEXT:
        text = message.authentication.rstrip(b"\0").decode("latin-1")
        b.field("Authentication Data", text, at + 8 + 4 * len(message.addresses), 8)
    b.say("VRRP", f"Announcement (v2) VRID {message.group} priority {message.priority}")


def dissect_glbp(b: DissectionBuilder, data: bytes, at: int) -> None:
    """A hello, request or response."""
    message = glbp.parse(data)
    b.layer("GLBP", at, at + len(data))
    b.number("Version", at, 1)
    b.number("Operation", at + 1, 1, _GLBP_OPERATIONS)
    b.number("Group", at + 2, 2)
    b.field("Owner ID", message.owner, at + 6, 6)
    place, said = 12, []
    while place < len(data):
        kind, length, here = data[place], data[place + 1], at + place
        b.field("TLV", f"{_GLBP_TLVS.get(kind, kind)}, {length} octets", here, length)
        if kind == 1:
            state = _GLBP_STATES.get(b.number("VG state", here + 3, 1, _GLBP_STATES), "")
            b.number("Priority", here + 5, 1)
            b.number("Hello interval (ms)", here + 8, 4)
            b.number("Hold interval (ms)", here + 12, 4)
            b.number("Redirect (s)", here + 16, 2)
            b.number("Timeout (s)", here + 18, 2)
            assert message.gateway is not None
            b.field("Virtual IPv4", message.gateway.address, here + 24, 4)
            said.append(f"VG {state}")
        elif kind == 2:
            number = b.number("Forwarder", here + 2, 1)
            state = _GLBP_STATES.get(b.number("VF state", here + 3, 1, _GLBP_STATES), "")
            b.number("Priority", here + 5, 1)
            b.number("Weight", here + 6, 1)
            b.field("Virtual MAC", bytes(data[place + 14 : place + 20]).hex(":"), here + 14, 6)
            said.append(f"VF {number} {state}")
        place += length
    b.say("GLBP", f"{_GLBP_OPERATIONS[message.operation]} G: {message.group} {', '.join(said)}".rstrip())
