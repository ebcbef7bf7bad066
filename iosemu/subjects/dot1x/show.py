"""`show dot1x`, `show authentication` and `show mab` (outputs/show_dot1x_all…, show_authentication_sessions)."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.ip.stack import IpStack
from iosemu.packets.addresses import MacAddress
from iosemu.packets.eap import EapType
from iosemu.subjects.dot1x.config import DOT1X, MAB, Dot1xConfig, Dot1xStyle
from iosemu.subjects.dot1x.service import AuthPort, PortAccess, Session, Status

_RULE = "-" * 35
_METHODS = {EapType.MD5_CHALLENGE: "MD5", EapType.TLS: "TLS", EapType.PEAP: "PEAP", EapType.FAST: "EAP-FAST"}


def _ports(context: Context, port: str | None, *, mab: bool = False) -> list[AuthPort]:
    """The ports that are asked for and configured, in the order of the box."""
    if port is not None and port not in context.device.switch_ports:
        raise InvalidArgument("port")
    known = context.device.service(PortAccess).ports
    return [
        known[name]
        for name in context.device.model.switch_ports
        if name in known
        and port in (None, name)
        and (known[name].settings.mab if mab else known[name].settings.authenticator)
    ]


def _global(device: Device) -> Iterator[str]:
    config, style = device.config.of(Dot1xConfig), device.image.style(Dot1xStyle)
    word = "Enabled" if config.enabled else "Disabled"
    width = 38 if style.authentication else 35
    yield f"Sysauthcontrol{word:>{width - 14}}"
    yield f"Dot1x Protocol Version{style.version:>{width - 22}}"
    if not style.authentication:
        yield f"Critical Recovery Delay{100:>{width - 23}}"
        yield f"Critical EAPOL{'Enabled' if config.critical_eapol else 'Disabled':>{width - 14}}"


def show(context: Context) -> Iterator[str]:
    """`show dot1x`."""
    yield from _global(context.device)


def show_all(context: Context) -> Iterator[str]:
    """`show dot1x all`."""
    yield from _all(context, details=False)


def show_all_details(context: Context) -> Iterator[str]:
    """`show dot1x all details`."""
    yield from _all(context, details=True)


def _all(context: Context, *, details: bool) -> Iterator[str]:
    yield from _global(context.device)
    yield ""
    for port in _ports(context, None):
        yield from _info(port, details=details)


def show_interface(context: Context, port: str) -> Iterator[str]:
    """`show dot1x interface X`."""
    for each in _ports(context, port):
        yield from _info(each, details=False)


def show_interface_details(context: Context, port: str) -> Iterator[str]:
    """`show dot1x interface X details`."""
    for each in _ports(context, port):
        yield from _info(each, details=True)


def _info(port: AuthPort, *, details: bool) -> Iterator[str]:
    device, settings = port.device, port.settings
    old = not device.image.style(Dot1xStyle).authentication
    yield f"Dot1x Info for {port.name}"
    yield _RULE
    rows: list[tuple[str, object]] = [("PAE", "AUTHENTICATOR")]
    if old:
        rows += [
            ("PortControl", settings.control.upper().replace("-", "_")),
            ("ControlDirection", "In" if settings.inbound else "Both"),
            ("HostMode", settings.host_mode.upper().replace("-", "_")),
            ("ReAuthentication", "Enabled" if settings.periodic else "Disabled"),
        ]
    rows += [
        ("QuietPeriod", settings.quiet),
        ("ServerTimeout", settings.server or 30 * old),
        ("SuppTimeout", settings.supplicant),
    ]
    if old:
        period = "From Authentication Server" if settings.reauthenticate_server else "Locally configured"
        rows.append(("ReAuthPeriod", f"{settings.reauthenticate} ({period})"))
    rows += [
        ("ReAuthMax", settings.max_reauth),
        ("MaxReq", settings.max_request),
        ("TxPeriod", settings.tx),
    ]
    if old:
        rows.append(("RateLimitPeriod", 0))
    for label, value in rows:
        yield f"{label:<25} = {value}"
    yield ""
    if details:
        yield from _clients(port)
        if old:
            yield f"{'Port Status':<25} = {'AUTHORIZED' if port.authorized else 'UNAUTHORIZED'}"
            yield ""


def _clients(port: AuthPort) -> Iterator[str]:
    sessions = _sessions(port, DOT1X)
    if not sessions:
        yield "Dot1x Authenticator Client List Empty"
        yield ""
        return
    yield "Dot1x Authenticator Client List"
    yield "-------------------------------"
    for session in sessions:
        machine = session.dot1x
        if machine.method is not None:
            kind = machine.method
            yield f"{'EAP Method':<25} = {_METHODS[EapType(kind)] if kind in _METHODS else f'({kind})'}"
        yield f"{'Supplicant':<25} = {_station(session)}"
        if port.device.image.style(Dot1xStyle).authentication:
            yield f"{'Session ID':<25} = {session.identifier}"
        yield f"    {'Auth SM State':<21} = {machine.state.value}"
        yield f"    {'Auth BEND SM State':<21} = {machine.backend.value}"
        yield ""


def _sessions(port: AuthPort, method: str) -> list[Session]:
    """Those of clients that are known, by a method."""
    return [each for each in port.sessions if each.station is not None and each.method == method]


def _station(session: Session) -> str:
    return session.station.dotted if session.station is not None else "(unknown)"


def show_summary(context: Context) -> Iterator[str]:
    """`show dot1x all summary`."""
    yield "Interface       PAE     Client          Status          "
    yield "--------------------------------------------------------"
    for port in _ports(context, None):
        rows = [(_station(each), each.authorized) for each in _sessions(port, DOT1X)] or [
            ("none", port.authorized)
        ]
        lead, role = short_name(port.name), "AUTH"
        for client, authorized in rows:
            yield f"{lead:<16}{role:<8}{client:<16}{'AUTHORIZED' if authorized else 'UNAUTHORIZED'}"
            lead = role = ""


def show_count(context: Context) -> Iterator[str]:
    """`show dot1x all count`."""
    clients = [each for port in _ports(context, None) for each in _sessions(port, DOT1X)]
    authorized = sum(each.authorized for each in clients)
    yield "Number of Dot1x sessions"
    yield "-------------------------------"
    yield f"Authorized Clients        = {authorized}"
    yield f"UnAuthorized Clients      = {len(clients) - authorized}"
    yield f"Total No of Client        = {len(clients)}"


def show_statistics(context: Context, port: str | None = None) -> Iterator[str]:
    """`show dot1x all statistics`, `show dot1x interface X statistics`."""
    for each in _ports(context, port):
        told = each.counters
        yield f"Dot1x Authenticator Port Statistics for {each.name}"
        yield "--------------------------------------------"
        yield (
            f"{f'RxStart = {told.rx_start}':<16}{f'RxLogoff = {told.rx_logoff}':<16}"
            f"{f'RxResp = {told.rx_response}':<16}RxRespID = {told.rx_identity}"
        )
        yield f"{f'RxInvalid = {told.rx_invalid}':<16}{f'RxLenErr = {told.rx_length}':<16}RxTotal = {told.rx_total}"
        yield ""
        yield (
            f"{f'TxReq = {told.tx_request}':<16}{f'TxReqID = {told.tx_identity}':<16}TxTotal = {told.tx_total}"
        )
        yield ""
        yield f"{f'RxVersion = {told.rx_version}':<16}LastRxSrcMAC = {told.rx_source.dotted}"
        yield ""


# ---------------------------------------------------------------- authentication manager


def show_sessions(context: Context, method: str | None = None) -> Iterator[str]:
    """`show authentication sessions [method M]`."""
    known = context.device.service(PortAccess).ports
    sessions = [
        each
        for name in context.device.model.switch_ports
        if name in known
        for each in known[name].sessions
        if method in (None, each.method)
    ]
    if not sessions:
        yield "No Auth Manager contexts currently exist"
        return
    yield "Interface  MAC Address     Method   Domain   Status         Session ID"
    for each in sessions:
        yield (
            f"{short_name(each.port.name):<10} {_station(each):<15} {each.method or 'N/A':<8} {each.domain:<8} "
            f"{each.status.value:<14} {each.identifier}"
        )


def show_session(context: Context, port: str | None = None, station: str | None = None) -> Iterator[str]:
    """`show authentication sessions interface X`, `show authentication sessions mac M`."""
    if port is not None and port not in context.device.switch_ports:
        raise InvalidArgument("port")
    wanted = MacAddress.from_string(station) if station is not None else None
    found = [
        each
        for name, known in context.device.service(PortAccess).ports.items()
        for each in known.sessions
        if port in (None, name) and wanted in (None, each.station)
    ]
    if not found:
        yield "No Auth Manager contexts match supplied criteria"
        return
    for number, each in enumerate(found):
        if number:
            yield "----------------------------------------"
        yield from _session(each)


def _session(session: Session) -> Iterator[str]:
    port, settings = session.port, session.port.settings
    rows: list[tuple[str, object]] = [
        ("Interface", port.name),
        ("MAC Address", _station(session).replace("(unknown)", "Unknown")),
        ("IP Address", _address(session)),
    ]
    if session.username:
        rows.append(("User-Name", session.username))
    rows += [
        ("Status", session.status.value),
        ("Domain", session.domain),
        ("Oper host mode", settings.host_mode),
        ("Oper control dir", "in" if settings.inbound else "both"),
    ]
    if session.authorized:
        rows.append(("Authorized By", session.authority))
        rows.append(("Vlan Policy", session.vlan if session.vlan is not None else "N/A"))
    left = session.remaining()
    timeout = "N/A"
    if left is not None and session.terms.timeout is not None:
        origin = "server" if session.terms.from_server else "local"
        timeout = f"{session.terms.timeout:.0f}s ({origin}), Remaining: {left:.0f}s"
    rows.append(("Session timeout", timeout))
    if left is not None:
        rows.append(("Timeout action", "Reauthenticate" if session.terms.reauthenticates else "Terminate"))
    rows += [
        ("Idle timeout", "N/A"),
        ("Common Session ID", session.identifier),
        ("Acct Session ID", f"0x{session.number:08X}"),
        ("Handle", f"0x{(session.number << 24 | session.number) & 0xFFFFFFFF:08X}"),
    ]
    for label, value in rows:
        yield f"{label:>21}:  {value}"
    yield ""
    yield "Runnable methods list:"
    yield "       Method   State"
    for method, state in session.states.items():
        yield f"       {method:<8} {state}"
    yield ""


def _address(session: Session) -> str:
    """What ARP knows of the station."""
    if session.station is None:
        return "Unknown"
    table = session.device.service(IpStack).arp.table
    found = next((str(each.address) for each in table if each.mac == session.station), None)
    return found or "Unknown"


def show_mab(context: Context, port: str | None = None, details: bool = False) -> Iterator[str]:
    """`show mab all|interface X [details]`."""
    for each in _ports(context, port, mab=True):
        yield f"MAB details for {each.name}"
        yield "-------------------------------------"
        yield f"{'Mac-Auth-Bypass':<25} = Enabled"
        yield ""
        clients = _sessions(each, MAB)
        if not details:
            continue
        if not clients:
            yield "MAB Client List Empty"
            yield ""
            continue
        yield "MAB Client List"
        yield "---------------"
        for session in clients:
            ended = session.status is not Status.RUNNING
            yield f"{'Client MAC':<25} = {_station(session)}"
            yield f"{'Session ID':<25} = {session.identifier}"
            yield f"{'MAB SM state':<25} = {'TERMINATE' if ended else 'AUTHORIZING'}"
            yield f"{'Auth Status':<25} = {'AUTHORIZED' if session.authorized else 'UNAUTHORIZED'}"
            yield ""
