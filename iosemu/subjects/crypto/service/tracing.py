"""What IPsec tells a trace: the crypto map's entry about a packet, the SA that it has or lacks, why it is refused."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.ipsec.sadb import ESP, SadbPair
from iosemu.ipsec.selectors import Selector
from iosemu.net.tracing import Line, Span
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.acl.config import AclsConfig, Entry
from iosemu.subjects.acl.tracing import line_of, sequence_of
from iosemu.subjects.crypto.config.maps import CryptoMap, CryptoMapEntry

STAGE = "IPsec"


def in_clear(device: Device, span: Span, interface: str, crypto_map: CryptoMap) -> None:
    """No entry is about a packet."""
    text = f"no entry of crypto map {crypto_map.name} on {interface} permits it: it goes in clear"
    span.note(device.name, STAGE, text, *_binding(interface, crypto_map.name))


def matched(
    device: Device, span: Span, interface: str, entry: CryptoMapEntry, line: Entry | None, selector: Selector
) -> None:
    """An entry says that it is to be protected."""
    text = f"{_name(entry)} on {interface} protects {selector.local} > {selector.remote}"
    span.note(device.name, STAGE, text, *_lines(device, entry, line))


def no_sa(device: Device, span: Span, selector: Selector, peers: list[IPv4Address]) -> None:
    """There are no SAs for it yet."""
    towards = f" with {peers[0]}" if peers else ""
    text = f"no SA for {selector.local} > {selector.remote}: IKE{towards} is asked for one, the packet is dropped"
    span.drop(device.name, STAGE, text)


def protected(device: Device, span: Span, pair: SadbPair) -> None:
    """It has an SA."""
    sas = " and ".join(_sa(each.protocol, each.spi) for each in pair.outbound)
    span.note(device.name, STAGE, f"protected by {sas} to {'the group' if pair.preserves else pair.peer}")


def opened(device: Device, span: Span, pair: SadbPair) -> None:
    """It was opened."""
    sas = " and ".join(_sa(each.protocol, each.spi) for each in pair.inbound)
    span.note(device.name, STAGE, f"opened by {sas} from {'the group' if pair.preserves else pair.peer}")


def refused(device: Device, span: Span, why: str) -> None:
    """It cannot be opened."""
    span.drop(device.name, STAGE, f"refused: {why}")


def too_large(device: Device, span: Span, interface: str, packet: IPv4Packet, room: int) -> None:
    """Protected it would be too large, and it may not be fragmented."""
    text = (
        f"{packet.total_length} octets, of which {room} have room in the tunnel, and it may not be fragmented"
    )
    section = f"interface {interface}"
    span.drop(device.name, STAGE, text, Line(section, ("crypto ipsec df-bit",)), Line(section, ("ip mtu",)))


def came_clear(
    device: Device, span: Span, interface: str, entry: CryptoMapEntry, line: Entry | None, _selector: Selector
) -> None:
    """It came in clear, and the mirrored line of an entry says that it should not."""
    text = f"came in clear on {interface}, where {_name(entry)} has it protected"
    span.drop(device.name, STAGE, text, *_lines(device, entry, line))


def _sa(protocol: int, spi: int) -> str:
    return f"{'ESP' if protocol == ESP else 'AH'} {spi:#010x}"


def _name(entry: CryptoMapEntry) -> str:
    if entry.profile is not None:
        return f"IPsec profile {entry.profile}"
    return f"crypto map {entry.name} {entry.sequence}"


def _binding(interface: str, name: str) -> tuple[Line, ...]:
    return (Line(f"interface {interface}", (f"crypto map {name}",)),)


def _lines(device: Device, entry: CryptoMapEntry, line: Entry | None) -> tuple[Line, ...]:
    if entry.profile is not None:
        return (Line(f"crypto ipsec profile {entry.profile}"),)
    found = (Line(f"crypto map {entry.name} {entry.sequence}"),)
    access_list = device.config.of(AclsConfig).get(entry.access_list)
    if access_list is None or line is None:
        return found
    if sequence_of(access_list, line):
        return (*found, line_of(access_list, line))
    return found
