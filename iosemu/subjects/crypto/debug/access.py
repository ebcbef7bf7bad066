"""Lines of `debug crypto isakmp` about extended authentication and mode config."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.ike import trace
from iosemu.ike.events import SaSnapshot
from iosemu.ike.mode_config import OK, ConfigAttribute, ConfigKind, XauthAttribute, split_networks
from iosemu.ike.sa_payload import Attribute
from iosemu.ike.trace import Access
from iosemu.subjects.crypto.debug.about import About, Lines
from iosemu.subjects.crypto.debug.line import Kind, Line

NAMES: dict[int, str] = {
    **{int(each): f"XAUTH_{each.name}_V2" for each in XauthAttribute},
    **{int(each): each.name for each in ConfigAttribute},
    ConfigAttribute.BANNER: "MODECFG_BANNER",
    ConfigAttribute.SAVE_PASSWORD: "MODECFG_SAVEPWD",
    ConfigAttribute.INCLUDE_LOCAL_LAN: "INCLUDE_LOCAL_LAN",
    ConfigAttribute.BACKUP_SERVER: "BACKUP_SERVER",
}
USER = ("XAUTH_USER_NAME_V2", "XAUTH_USER_PASSWORD_V2")


def begun(about: About, event: trace.TransactionBegun, sa: SaSnapshot) -> Lines:
    """A transaction of this side."""
    number = about.number(event.message_id)
    yield Line(f"set new node {number} to {sa.state.value}", Kind.GENERAL)
    yield about.spaced(f"initiating peer config to {sa.peer.address}. ID = {number}")


def answered(about: About, event: trace.TransactionAnswered, sa: SaSnapshot) -> Lines:
    """The answer to a transaction."""
    number = about.number(event.message_id)
    yield about.spaced(f"responding to peer config from {sa.peer.address}. ID = {number}")


def payload(about: About, event: trace.ConfigurationPayload, sa: SaSnapshot) -> Lines:
    """An attribute payload that came."""
    number = about.number(event.message_id)
    yield about.at(f"processing transaction payload from {sa.peer.address}. message ID = {number}")
    kind = ConfigKind(event.kind).name if event.kind in list(ConfigKind) else str(event.kind)
    yield Line(f"Config payload {kind}", Kind.GENERAL)


def step(about: About, event: trace.AccessStep) -> Lines:
    """What goes on between phases 1 and 2."""
    match event.step:
        case Access.NEED_XAUTH:
            yield about.at("Need XAUTH")
        case Access.NEED_CONFIGURATION:
            yield about.at("Need config/address")
        case Access.USER_REQUESTED:
            for name in USER:
                yield Line(f"ISAKMP/xauth: request attribute {name}", Kind.BARE)
        case Access.USER_REPLIED:
            for name in USER:
                yield Line(f"ISAKMP/xauth: reply attribute {name}", Kind.BARE)
        case Access.ACKNOWLEDGED:
            yield about.at("       XAUTH ACK Processed")
        case Access.REQUEST_CHECKED:
            yield about.at("checking request:")
            for each in event.attributes:
                yield Line(
                    f"   {NAMES.get(each.type, f'UNKNOWN Unknown Attr: 0x{each.type:X}')}", Kind.GENERAL
                )
        case Access.USER_SENT:
            yield about.at("Xauth process request")
        case Access.STATUS_RECEIVED:
            status = next((each.value for each in event.attributes if each.type == XauthAttribute.STATUS), 0)
            yield about.at(f"Xauth process set, status = {status}")
            yield about.at("checking SET:")
            yield Line(f"   XAUTH_STATUS_V2 XAUTH-{'OK' if status == OK else 'FAIL'}", Kind.GENERAL)
        case Access.CONFIGURATION_SENT:
            yield about.at("attributes sent in message:")
            for text in _sent(event.attributes):
                yield Line(text, Kind.GENERAL)
        case Access.CONFIGURATION_RECEIVED:
            yield about.spaced("process config reply")


def _sent(attributes: tuple[Attribute, ...]) -> Iterator[str]:
    for each in attributes:
        match each.type:
            case ConfigAttribute.IP4_ADDRESS:
                yield f"Sending private address: {IPv4Address(each.data)}"
            case ConfigAttribute.IP4_NETMASK:
                yield f"Sending subnet mask: {IPv4Address(each.data)}"
            case ConfigAttribute.IP4_DNS | ConfigAttribute.IP4_NBNS:
                yield f"Sending {NAMES[each.type]} server address: {IPv4Address(each.data)}"
            case ConfigAttribute.ADDRESS_EXPIRY:
                yield f"Sending ADDRESS_EXPIRY seconds left to use the address: {each.value}"
            case ConfigAttribute.SAVE_PASSWORD:
                yield f"Sending save password reply value {each.value}"
            case ConfigAttribute.DEFAULT_DOMAIN:
                yield f"Sending DEFAULT_DOMAIN default domain name: {_text(each)}"
            case ConfigAttribute.SPLIT_DNS:
                yield f"Sending SPLIT_DNS domain name: {_text(each)}"
            case ConfigAttribute.SPLIT_INCLUDE:
                for split in split_networks((each,)):
                    network = split.network
                    yield (
                        f"Sending split include name ACL network {network.network_address} "
                        f"mask {network.netmask} protocol {split.protocol}, "
                        f"src port {split.source_port}, dst port {split.destination_port}"
                    )
            case ConfigAttribute.BACKUP_SERVER:
                yield f"Sending backup gateway {_text(each)}"
            case ConfigAttribute.APPLICATION_VERSION:
                yield f"Sending APPLICATION_VERSION string: {_text(each).splitlines()[0]}"
            case _:
                yield f"Sending {NAMES.get(each.type, each.type)} value {each.value}"


def _text(attribute: Attribute) -> str:
    return attribute.data.decode("utf-8", "replace")
