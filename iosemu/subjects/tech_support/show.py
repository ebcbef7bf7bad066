"""`show tech-support`: the shows that a support engineer asks for, one after the other."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.effects import Steps

ROUTER = (
    "show clock",
    "show version",
    "show running-config",
    "show controllers",
    "show file systems",
    "show interfaces",
    "show ip interface",
    "show ip route",
    "show arp",
    "show access-lists",
    "show crypto isakmp sa",
    "show crypto ipsec sa",
    "show processes memory",
    "show processes cpu",
    "show memory statistics",
    "show environment",
    "show logging",
)
SWITCH = (
    "show clock",
    "show version",
    "show running-config",
    "show file systems",
    "show interfaces",
    "show interfaces status",
    "show interfaces trunk",
    "show vlan",
    "show spanning-tree",
    "show mac address-table",
    "show processes memory",
    "show processes cpu",
    "show memory statistics",
    "show logging",
)


def show_tech_support(context: Context) -> Steps:
    """`show tech-support`."""
    for command in ROUTER if context.device.kind == "router" else SWITCH:
        yield ""
        yield f"------------------ {command} ------------------"
        yield ""
        yield from context.session.run_exec(command)
