"""`ip inspect …`, `clear ip inspect session`, `debug ip inspect`."""

from __future__ import annotations

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.firewall.config.cbac import DEBUG, InspectConfig, Inspected, InspectSides
from iosemu.subjects.firewall.config.zones import ZoneMember
from iosemu.subjects.firewall.service.cbac import Inspection
from iosemu.subjects.mqc.config import ProtocolName

MOST_RULES = 64
_SWITCH = {"": None, "on": True, "off": False}


def _config(context: Context) -> InspectConfig:
    config: InspectConfig = context.device.config.of(InspectConfig)
    return config


def rule(
    context: Context,
    name: str,
    protocol: ProtocolName | None = None,
    router_traffic: bool = False,
    alert: str = "",
    audit: str = "",
    timeout: int | None = None,
) -> None:
    """`[no] ip inspect name RULE [PROTOCOL [router-traffic] [alert on|off] [audit-trail on|off] [timeout S]]`."""
    rules = _config(context).rules
    if context.off:
        known = rules.get(name, {})
        if protocol is None:
            known.clear()
        else:
            known.pop(protocol.name, None)
        if not known:
            rules.pop(name, None)
            _withdraw(context, name)
        return
    if protocol is None:
        raise CommandError("% Incomplete command.\n")
    if router_traffic and protocol.name not in ("tcp", "udp", "icmp", "h323"):
        raise CommandError("% Router traffic is inspected for tcp, udp, icmp and h323 only")
    if name not in rules and len(rules) >= MOST_RULES:
        raise CommandError(f"% There can be {MOST_RULES} inspection rules")
    made = Inspected(protocol.name, _SWITCH[alert], _SWITCH[audit], timeout, router_traffic)
    rules.setdefault(name, {})[protocol.name] = made


def _withdraw(context: Context, name: str) -> None:
    """A rule is gone: no interface has it any more."""
    for config in context.device.config.interfaces.values():
        sides = config.held(InspectSides)
        if sides is not None and name in (sides.inbound, sides.outbound):
            sides.inbound = "" if sides.inbound == name else sides.inbound
            sides.outbound = "" if sides.outbound == name else sides.outbound


def host(context: Context, number: int | None = None, block: int = 0) -> None:
    """`[no] ip inspect tcp max-incomplete host N [block-time M]`."""
    config = _config(context)
    config.host, config.block_time = (None, 0) if context.off else (number, block)


def apply(context: Context, name: str, direction: str) -> None:
    """`[no] ip inspect RULE in|out` under an interface, which is in no zone."""
    interface = context.edited(InterfaceConfig)
    sides = interface.of(InspectSides)
    field = f"{direction}bound"
    if context.off:
        if getattr(sides, field) == name:
            setattr(sides, field, "")
        return
    member = interface.held(ZoneMember)
    if member is not None and member.zone:
        raise CommandError("% Interface is a member of a zone: ip inspect cannot be configured on it")
    if name not in _config(context).rules:
        raise CommandError(f"% Inspection rule {name} is not defined")
    setattr(sides, field, name)


def clear(context: Context, number: str = "") -> None:
    """`clear ip inspect session *|ADDRESS`."""
    inspection: Inspection = context.device.service(Inspection)
    wanted = int(number, 16) if number else None
    if wanted is not None and all(each.number != wanted for each in inspection.keeper.inspector):
        raise CommandError(f"% Session {number} does not exist")
    inspection.keeper.inspector.clear(lambda session: wanted in (None, session.number))
    inspection.keeper.settle()


def debug(context: Context, what: str) -> str:
    """`[no] debug ip inspect WORD`."""
    return context.device.debugging.set(DEBUG[what], not context.silenced)
