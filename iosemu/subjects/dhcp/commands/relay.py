"""`ip dhcp relay …` and `ip helper-address`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument
from iosemu.net.dhcp.relay import REPLACE
from iosemu.subjects.dhcp.config import FORWARDED, DhcpConfig, HelperAddresses

MOST_OF_SUBSCRIBER = 50
"""Characters (Cisco's command reference)."""


def _config(context: Context) -> DhcpConfig:
    return context.device.config.of(DhcpConfig)


def relay_option(context: Context) -> None:
    """`[no] ip dhcp relay information option`."""
    _config(context).relay_information = not context.off


def relay_check(context: Context) -> None:
    """`[no] ip dhcp relay information check`."""
    _config(context).relay_check = context.defaulted or not context.negated


def smart_relay(context: Context) -> None:
    """`[no] ip dhcp smart-relay`."""
    _config(context).smart_relay = not context.off


def relay_trust_all(context: Context) -> None:
    """`[no] ip dhcp relay information trust-all`."""
    _config(context).relay_trust_all = not context.off


def relay_trusted(context: Context) -> None:
    """`[no] ip dhcp relay information trusted` under an interface."""
    config: InterfaceConfig = context.target
    config.of(HelperAddresses).trusted = not context.off


def relay_policy(context: Context, policy: str = REPLACE) -> None:
    """`[no] ip dhcp relay information policy drop|keep|replace`."""
    _config(context).relay_policy = REPLACE if context.off else policy


def helper(context: Context, address: IPv4Address | None = None) -> None:
    """`[no] ip helper-address A.B.C.D`; `no` alone takes all away."""
    config: InterfaceConfig = context.target
    helpers = config.of(HelperAddresses).addresses
    if context.off:
        if address is None:
            helpers.clear()
        else:
            helpers.pop(address, None)
        return
    assert address is not None
    if address.is_multicast or address.is_loopback or not int(address) >> 24:
        raise CommandError("% Invalid helper address")
    helpers[address] = None


# --- under an interface ------------------------------------------------------------------------------------


def _port(context: Context) -> HelperAddresses:
    config: InterfaceConfig = context.target
    return config.of(HelperAddresses)


def subscriber(context: Context, text: str = "") -> None:
    """`[no] ip dhcp relay information option subscriber-id TEXT`."""
    if len(text) > MOST_OF_SUBSCRIBER:
        raise InvalidArgument("text")
    _port(context).subscriber = "" if context.off else text


def insert_here(context: Context, none: bool = False) -> None:
    """`[no] ip dhcp relay information option-insert [none]`."""
    _port(context).insert = None if context.off else not none


def check_here(context: Context, none: bool = False) -> None:
    """`[no] ip dhcp relay information check-reply [none]`."""
    _port(context).check = None if context.off else not none


def policy_here(context: Context, policy: str = "") -> None:
    """`[no] ip dhcp relay information policy-action drop|keep|replace`."""
    _port(context).policy = "" if context.off else policy


def forward_protocol(context: Context, port: int | None = None) -> None:
    """`[no] ip forward-protocol udp [PORT]`; without a port all of them, as they are by default."""
    config = _config(context)
    if port is None:
        config.forwards = context.defaulted or not context.negated
        config.forwarded.clear()
        return
    wanted = (port in FORWARDED) if context.defaulted else not context.negated
    if wanted == (port in FORWARDED):
        config.forwarded.pop(port, None)
    else:
        config.forwarded[port] = f"{'' if wanted else 'no '}ip forward-protocol udp {context.words[-1]}"
