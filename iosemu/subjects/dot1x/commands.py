"""`dot1x …`, `authentication …` and `mab`, globally, under an interface and as commands."""

from __future__ import annotations

from iosemu.box.debugging import DebugFlag
from iosemu.box.interface_config import InterfaceConfig
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import Switchport, SwitchportMode
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument, Output
from iosemu.packets.addresses import MacAddress
from iosemu.subjects.dot1x.config import (
    ATTEMPTS,
    ERRORS_DEBUG,
    EVENTS_DEBUG,
    FORCE_AUTHORIZED,
    MAB_DEBUG,
    MANAGER_DEBUG,
    PACKETS_DEBUG,
    REAUTHENTICATE,
    SINGLE,
    STATES_DEBUG,
    Dot1xPort,
)
from iosemu.subjects.dot1x.service import AuthPort, PortAccess

_MODE = (
    "Command rejected: Dot1x is supported only on Ethernet interfaces configured in Access, Routed, "
    "PVLAN Host or PVLAN Promiscuous mode."
)


def port_of(context: Context) -> Dot1xPort:
    """The settings of the edited port. Refuses where it is no switch port, or no access port."""
    config = context.edited(InterfaceConfig)
    if config.name not in context.device.switch_ports:
        raise InvalidArgument("port")
    if config.held(Switchport) is None:
        raise CommandError(Switchport.refusal(config))
    if (
        context.device.service(Bridge).switchport_mode(config.name) is not SwitchportMode.ACCESS
        and not context.off
    ):
        raise CommandError(_MODE)
    return config.of(Dot1xPort)


def pae(context: Context) -> Output:
    """`[no] dot1x pae authenticator`."""
    port_of(context).authenticator = not context.off
    return None


def control(context: Context, how: str = FORCE_AUTHORIZED) -> Output:
    """`authentication port-control …`, `dot1x port-control …`."""
    port = port_of(context)
    port.control = FORCE_AUTHORIZED if context.off else how
    if context.words[0].startswith("d") and port.control != FORCE_AUTHORIZED:
        port.authenticator = True  # the old command means both
    return None


def host_mode(context: Context, how: str = SINGLE) -> Output:
    """`authentication host-mode …`, `dot1x host-mode …`."""
    port_of(context).host_mode = SINGLE if context.off else how
    return None


def mab(context: Context) -> Output:
    """`[no] mab`, `[no] dot1x mac-auth-bypass`."""
    port_of(context).mab = not context.off
    return None


def order(context: Context, first: str = "", second: str = "") -> Output:
    """`authentication order METHOD [METHOD]`."""
    port_of(context).order = () if context.off else _methods(first, second)
    return None


def priority(context: Context, first: str = "", second: str = "") -> Output:
    """`authentication priority METHOD [METHOD]`."""
    port_of(context).priority = () if context.off else _methods(first, second)
    return None


def _methods(first: str, second: str) -> tuple[str, ...]:
    if first == second:
        raise CommandError("% Duplicate method")
    return (first, second) if second else (first,)


def periodic(context: Context) -> Output:
    """`[no] authentication periodic`, `[no] dot1x reauthentication`."""
    port_of(context).periodic = not context.off
    return None


def reauthenticate_timer(context: Context, seconds: int = REAUTHENTICATE, server: bool = False) -> Output:
    """`authentication timer reauthenticate N|server`, `dot1x timeout reauth-period N|server`."""
    port = port_of(context)
    port.reauthenticate = REAUTHENTICATE if context.off else seconds
    port.reauthenticate_server = server and not context.off
    return None


def restart_timer(context: Context, seconds: int = Dot1xPort.restart) -> Output:
    """`authentication timer restart N`."""
    port_of(context).restart = Dot1xPort.restart if context.off else seconds
    return None


def violation(context: Context, action: str = Dot1xPort.violation) -> Output:
    """`authentication violation …`."""
    port_of(context).violation = Dot1xPort.violation if context.off else action
    return None


def open_access(context: Context) -> Output:
    """`[no] authentication open`."""
    port_of(context).open = not context.off
    return None


def direction(context: Context, way: str = "both") -> Output:
    """`authentication control-direction both|in`."""
    port_of(context).inbound = way == "in" and not context.off
    return None


def guest_vlan(context: Context, vlan: int = 0) -> Output:
    """`authentication event no-response action authorize vlan N`, `dot1x guest-vlan N`."""
    port_of(context).guest_vlan = None if context.off else vlan
    return None


def fail_vlan(context: Context, vlan: int = 0, attempts: int = ATTEMPTS - 1) -> Output:
    """`authentication event fail [retry N] action authorize vlan N`: N further attempts before."""
    port = port_of(context)
    port.fail_vlan = None if context.off else vlan
    port.fail_attempts = ATTEMPTS if context.off else attempts + 1
    port.fail_next = port.fail_next and context.off
    return None


def old_fail_vlan(context: Context, vlan: int = 0) -> Output:
    """`dot1x auth-fail vlan N`."""
    port_of(context).fail_vlan = None if context.off else vlan
    return None


def fail_attempts(context: Context, count: int = ATTEMPTS) -> Output:
    """`dot1x auth-fail max-attempts N`."""
    port_of(context).fail_attempts = ATTEMPTS if context.off else count
    return None


def fail_next(context: Context) -> Output:
    """`authentication event fail action next-method`."""
    port = port_of(context)
    port.fail_next = not context.off
    port.fail_vlan = port.fail_vlan if context.off else None
    return None


def server_dead(context: Context, vlan: int | None = None) -> Output:
    """`authentication event server dead action authorize [vlan N]`."""
    port = port_of(context)
    port.dead_authorize = not context.off
    port.dead_vlan = None if context.off else vlan
    return None


def server_alive(context: Context) -> Output:
    """`authentication event server alive action reinitialize`."""
    port_of(context).alive_reinitialize = not context.off
    return None


def number(context: Context, field: str, default: int, value: int | None = None) -> Output:
    """A number of a port: its default where none is given."""
    setattr(port_of(context), field, default if context.off or value is None else value)
    return None


def quiet_period(context: Context, seconds: int | None = None) -> Output:
    """`dot1x timeout quiet-period N`."""
    return number(context, "quiet", Dot1xPort.quiet, seconds)


def tx_period(context: Context, seconds: int | None = None) -> Output:
    """`dot1x timeout tx-period N`."""
    return number(context, "tx", Dot1xPort.tx, seconds)


def supplicant_timeout(context: Context, seconds: int | None = None) -> Output:
    """`dot1x timeout supp-timeout N`."""
    return number(context, "supplicant", Dot1xPort.supplicant, seconds)


def server_timeout(context: Context, seconds: int | None = None) -> Output:
    """`dot1x timeout server-timeout N`."""
    return number(context, "server", Dot1xPort.server, seconds)


def max_request(context: Context, count: int | None = None) -> Output:
    """`dot1x max-req N`."""
    return number(context, "max_request", Dot1xPort.max_request, count)


def max_reauth(context: Context, count: int | None = None) -> Output:
    """`dot1x max-reauth-req N`."""
    return number(context, "max_reauth", Dot1xPort.max_reauth, count)


def default_port(context: Context) -> Output:
    """`dot1x default`: the timers and counts of a new port."""
    port, fresh = port_of(context), Dot1xPort()
    for name in (
        "quiet",
        "tx",
        "supplicant",
        "server",
        "max_request",
        "max_reauth",
        "reauthenticate",
        "periodic",
    ):
        setattr(port, name, getattr(fresh, name))
    return None


# ---------------------------------------------------------------- exec


def ports(context: Context, port: str | None) -> list[AuthPort]:
    """The ports that a command means. Refuses what is no port of the switch."""
    if port is not None and port not in context.device.switch_ports:
        raise InvalidArgument("port")
    return [each for each in context.device.service(PortAccess).ports.values() if port in (None, each.name)]


def initialize(context: Context, port: str | None = None) -> Output:
    """`dot1x initialize [interface X]`, `clear dot1x all|interface X`."""
    for each in ports(context, port):
        if each.controlled:
            each.initialize()
    return None


def reauthenticate(context: Context, port: str | None = None) -> Output:
    """`dot1x re-authenticate [interface X]`."""
    for each in ports(context, port):
        for session in list(each.sessions):
            session.reauthenticate()
    return None


def clear_sessions(
    context: Context, port: str | None = None, station: str | None = None, method: str | None = None
) -> Output:
    """`clear authentication sessions [interface X | mac M | method M]`."""
    wanted = MacAddress.from_string(station) if station is not None else None
    for each in ports(context, port):
        if method is not None:
            for session in [one for one in each.sessions if one.method == method]:
                each.ended(session)
        elif each.controlled:
            each.clear(wanted)
    return None


_FLAGS: dict[str, tuple[DebugFlag, ...]] = {
    "errors": (ERRORS_DEBUG,),
    "events": (EVENTS_DEBUG,),
    "packets": (PACKETS_DEBUG,),
    "state-machine": (STATES_DEBUG,),
    "all": (ERRORS_DEBUG, EVENTS_DEBUG, PACKETS_DEBUG, STATES_DEBUG),
}


def debug_dot1x(context: Context, what: str = "all") -> list[str]:
    """`[no] debug dot1x all|errors|events|packets|state-machine`."""
    return [context.device.debugging.set(flag, not context.silenced) for flag in _FLAGS[what]]


def debug_authentication(context: Context) -> str:
    """`[no] debug authentication events`."""
    return context.device.debugging.set(MANAGER_DEBUG, not context.silenced)


def debug_mab(context: Context) -> str:
    """`[no] debug mab events`."""
    return context.device.debugging.set(MAB_DEBUG, not context.silenced)
