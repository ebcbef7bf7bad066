"""What organizations add to LLDP: VLAN (IEEE 802.1Q annex D) and PHY (IEEE 802.3 clause 79), LLDP-MED (TIA-1057)."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.packets.errors import MalformedPacket

ORGANIZATION = 127
"""The TLV type of them all."""
DOT1_PORT_VLAN = b"\0\x80\xc2\x01"
DOT3_PHY = b"\0\x12\x0f\x01"
MED_OUI = b"\0\x12\xbb"
CAPABILITIES, NETWORK_POLICY, LOCATION, POWER = 1, 2, 3, 4
HARDWARE, FIRMWARE, SOFTWARE, SERIAL, MANUFACTURER, MODEL, ASSET = range(5, 12)
CAN_CAPABILITIES, CAN_POLICY, CAN_LOCATION, CAN_POWER_PSE, CAN_POWER_PD, CAN_INVENTORY = (
    1 << bit for bit in range(6)
)
"""Bits of the capabilities (TIA-1057 table 10)."""
CONNECTIVITY = 4
"""The class of a network connectivity device; 1 to 3 are endpoints."""
VOICE, SIGNALING = 1, 2
"""Applications of a network policy."""
VOICE_PRIORITY, VOICE_DSCP = 5, 46

Tlv = tuple[int, bytes]


def port_vlan(number: int) -> Tlv:
    """The VLAN of a port's untagged frames."""
    return ORGANIZATION, DOT1_PORT_VLAN + number.to_bytes(2)


@dataclass(frozen=True, slots=True)
class Phy:
    """How a port negotiates: bits of `ifMauAutoNegCapabilityBits`, and `ifMauType` (RFC 4836)."""

    supported: bool = True
    enabled: bool = True
    media: int = 0
    mau: int = 0

    def tlv(self) -> Tlv:
        """As it is sent."""
        flags = self.supported | self.enabled << 1
        return ORGANIZATION, DOT3_PHY + bytes((flags,)) + self.media.to_bytes(2) + self.mau.to_bytes(2)

    @classmethod
    def parse(cls, value: bytes) -> Phy:
        """Read what stands behind the subtype. Raises MalformedPacket."""
        if len(value) < 5:
            raise MalformedPacket("LLDP: MAC/PHY status is cut off")
        return cls(
            bool(value[0] & 1), bool(value[0] & 2), int.from_bytes(value[1:3]), int.from_bytes(value[3:5])
        )


@dataclass(frozen=True, slots=True)
class NetworkPolicy:
    """How an application is to send (TIA-1057 section 10.2.3)."""

    application: int = VOICE
    vlan: int = 0
    tagged: bool = True
    priority: int = VOICE_PRIORITY
    dscp: int = VOICE_DSCP
    unknown: bool = False
    """An endpoint asks for it."""

    def tlv(self) -> Tlv:
        """As it is sent."""
        word = self.unknown << 23 | self.tagged << 22 | self.vlan << 9 | self.priority << 6 | self.dscp
        return med(NETWORK_POLICY, bytes((self.application,)) + word.to_bytes(3))

    @classmethod
    def parse(cls, value: bytes) -> NetworkPolicy:
        """Read what stands behind the subtype. Raises MalformedPacket."""
        if len(value) < 4:
            raise MalformedPacket("LLDP-MED: network policy is cut off")
        word = int.from_bytes(value[1:4])
        return cls(
            value[0],
            word >> 9 & 0xFFF,
            bool(word >> 22 & 1),
            word >> 6 & 7,
            word & 0x3F,
            bool(word >> 23 & 1),
        )


@dataclass(frozen=True, slots=True)
class Power:
    """Extended power by MDI (section 10.2.5): type, source and priority as numbers, tenths of a watt."""

    kind: int = 0
    source: int = 0
    priority: int = 0
    tenths: int = 0

    def tlv(self) -> Tlv:
        """As it is sent."""
        return med(
            POWER, bytes((self.kind << 6 | self.source << 4 | self.priority,)) + self.tenths.to_bytes(2)
        )

    @classmethod
    def parse(cls, value: bytes) -> Power:
        """Read what stands behind the subtype. Raises MalformedPacket."""
        if len(value) < 3:
            raise MalformedPacket("LLDP-MED: extended power is cut off")
        return cls(value[0] >> 6, value[0] >> 4 & 3, value[0] & 0xF, int.from_bytes(value[1:3]))


def med(subtype: int, value: bytes) -> Tlv:
    """A TLV of LLDP-MED."""
    return ORGANIZATION, MED_OUI + bytes((subtype,)) + value


@dataclass(frozen=True)
class Organizational:
    """What a neighbor said beyond the standard's own TLVs."""

    vlan: int | None = None
    phy: Phy | None = None
    capabilities: int | None = None
    """Of LLDP-MED; None: it does not speak that."""
    device_class: int = 0
    policies: tuple[NetworkPolicy, ...] = ()
    power: Power | None = None
    inventory: tuple[tuple[int, str], ...] = ()
    """By subtype."""

    @classmethod
    def of(cls, tlvs: tuple[Tlv, ...]) -> Organizational:
        """Read those that are known. Raises MalformedPacket."""
        found: dict[bytes, bytes] = {}
        policies, inventory = [], []
        for kind, value in tlvs:
            if kind != ORGANIZATION or len(value) < 4:
                continue
            found.setdefault(value[:4], value[4:])
            if value[:3] == MED_OUI and value[3] == NETWORK_POLICY:
                policies.append(NetworkPolicy.parse(value[4:]))
            elif value[:3] == MED_OUI and HARDWARE <= value[3] <= ASSET:
                inventory.append((value[3], value[4:].decode("latin-1")))
        vlan, phy = found.get(DOT1_PORT_VLAN), found.get(DOT3_PHY)
        able, power = found.get(MED_OUI + bytes((CAPABILITIES,))), found.get(MED_OUI + bytes((POWER,)))
        if able is not None and len(able) < 3:
            raise MalformedPacket("LLDP-MED: capabilities are cut off")
        return cls(
            None if vlan is None else int.from_bytes(vlan[:2]),
            None if phy is None else Phy.parse(phy),
            None if able is None else int.from_bytes(able[:2]),
            0 if able is None else able[2],
            tuple(policies),
            None if power is None else Power.parse(power),
            tuple(inventory),
        )
