"""`show snmp …`: the agent, and who may ask it."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.handling.effects import Output
from iosemu.net.snmp.usm import Auth, Priv
from iosemu.subjects.snmp.config import DEFAULT_VIEW, LEVELS, HostLine, SnmpConfig
from iosemu.subjects.snmp.names import name_of
from iosemu.subjects.snmp.notifier import SESSION_TIMEOUT
from iosemu.subjects.snmp.service import SnmpAgent
from iosemu.subjects.version.show.version import serial_number

NOT_ENABLED = "%SNMP agent not enabled"
_AUTH = {Auth.MD5: "MD5", Auth.SHA: "SHA"}
_PRIV = {Priv.DES: "DES", Priv.AES128: "AES128", Priv.AES192: "AES192", Priv.AES256: "AES256"}


def _config(context: Context) -> SnmpConfig:
    found: SnmpConfig = context.device.config.of(SnmpConfig)
    return found


def _chassis(context: Context) -> str:
    return _config(context).chassis_id or serial_number(context.device)


def show_snmp(context: Context) -> Iterator[str]:
    """`show snmp`."""
    config, service = _config(context), context.device.service(SnmpAgent)
    if not config.enabled:
        yield NOT_ENABLED
        return
    counters = service.agent.counters
    yield f"Chassis: {_chassis(context)}"
    if config.contact:
        yield f"Contact: {config.contact}"
    if config.location:
        yield f"Location: {config.location}"
    yield f"{counters.received} SNMP packets input"
    for number, what in (
        (counters.bad_versions, "Bad SNMP version errors"),
        (counters.bad_communities, "Unknown community name"),
        (counters.bad_uses, "Illegal operation for community name supplied"),
        (counters.parse_errors, "Encoding errors"),
        (counters.requested, "Number of requested variables"),
        (counters.altered, "Number of altered variables"),
        (counters.gets, "Get-request PDUs"),
        (counters.get_nexts, "Get-next PDUs"),
        (counters.sets, "Set-request PDUs"),
        (0, "Input queue packet drops (Maximum queue size 1000)"),
    ):
        yield f"    {number} {what}"
    yield f"{counters.sent} SNMP packets output"
    for number, what in (
        (counters.too_big, "Too big errors (Maximum packet size 1500)"),
        (counters.no_such_names, "No such name errors"),
        (counters.bad_values, "Bad values errors"),
        (counters.general_errors, "General errors"),
        (counters.responses, "Response PDUs"),
        (counters.traps, "Trap PDUs"),
    ):
        yield f"    {number} {what}"
    yield f"SNMP global trap: {'enabled' if config.traps else 'disabled'}"
    yield ""
    notifier = service.notifier
    hosts = [(host, notifier.hosts[key]) for key, host in config.hosts.items()]
    if not hosts:
        yield "SNMP logging: disabled"
        return
    yield "SNMP logging: enabled"
    for host, counts in hosts:
        if not host.inform:
            yield f"    Logging to {_where(host)}, 0/10, {counts.sent} sent, {counts.dropped} dropped."
    if not any(host.inform for host, _counts in hosts):
        return
    yield ""
    yield "SNMP informs: enabled"
    yield f"    Informs in flight {len(notifier.informs)}/{config.inform.pending} (current/max)"
    for host, counts in hosts:
        if host.inform:
            yield f"    Logging to {_where(host)}"
            yield (
                f"        {counts.sent} sent, {notifier.waiting(host.key)} in-flight, {counts.retries} retries,"
                f" {counts.failed} failed, {counts.dropped} dropped"
            )


def _where(host: HostLine) -> str:
    return f"{host.address}.{host.port}"


def _security(host: HostLine) -> str:
    if host.version == "3":
        return f"V3 username: {host.name}"
    return f"V{host.version.upper()} community: {host.name}"


def show_pending(context: Context) -> Iterator[str]:
    """`show snmp pending`: informs that nobody has acknowledged yet."""
    if not _config(context).enabled:
        yield NOT_ENABLED
        return
    for request, inform in context.device.service(SnmpAgent).notifier.informs.items():
        host, left = inform.host, int(inform.expires - context.device.now)
        yield f"req id: {request}, dest: {_where(host)}, {_security(host)}, Expires in {left} secs"


def show_sessions(context: Context, brief: bool = False) -> Iterator[str]:
    """`show snmp sessions [brief]`: managers that informs went to in the last ten minutes, times in 1/100 second."""
    if not _config(context).enabled:
        yield NOT_ENABLED
        return
    notifier = context.device.service(SnmpAgent).notifier
    for host in _config(context).hosts.values():
        counts = notifier.hosts[host.key]
        if not host.inform or counts.used is None:
            continue
        waiting = notifier.waiting(host.key)
        left = counts.used + SESSION_TIMEOUT - context.device.now
        if not waiting and left <= 0:
            continue
        expires = "" if waiting else f", Expires in {int(left)} secs"
        yield f"Destination: {_where(host)}, {_security(host)}{expires}"
        if brief:
            continue
        trips = "/".join(str(round(each * 100)) for each in counts.trips)
        yield f"  Round-trip-times: {trips} (min/max/last)"
        yield "  packets output"
        yield f"    0 Gets, 0 GetNexts, 0 GetBulks, 0 Sets, {counts.sent} Informs"
        yield f"    {counts.retries + counts.failed} Timeouts, {counts.dropped} Drops"
        yield "  packets input"
        yield f"    0 Traps, 0 Informs, {counts.responses} Responses (0 errors)"


def show_chassis(context: Context) -> Output:
    """`show snmp chassis`."""
    return _chassis(context)


def show_text(context: Context, word: str) -> Output:
    """`show snmp contact`, `show snmp location`."""
    text = getattr(_config(context), word)
    return [text] if text else None


def show_community(context: Context) -> Iterator[str]:
    """`show snmp community`."""
    config = _config(context)
    if not config.enabled:
        yield NOT_ENABLED
        return
    for line in config.communities.values():
        yield ""
        yield f"Community name: {line.name}"
        yield f"Community Index: {line.name}"
        yield f"Community SecurityName: {line.name}"
        access = f"\taccess-list: {line.access_list}" if line.access_list else ""
        yield f"storage-type: nonvolatile\t active{access}"
    yield ""


def show_users(context: Context) -> Iterator[str]:
    """`show snmp user`."""
    config, own = _config(context), context.device.service(SnmpAgent).engine.hex().upper()
    for user in config.users.values():
        engine = config.remote_engines.get(user.remote, "") if user.remote is not None else own
        access = f"\taccess-list: {user.access_list}" if user.access_list else ""
        yield f"User name: {user.name}"
        yield f"Engine ID: {engine}"
        yield f"storage-type: nonvolatile\t active{access}"
        yield f"Authentication Protocol: {_AUTH[user.auth] if user.auth else 'None'}"
        yield f"Privacy Protocol: {_PRIV[user.priv] if user.priv else 'None'}"
        yield f"Group-name: {user.group}"
        yield ""


def show_groups(context: Context) -> Iterator[str]:
    """`show snmp group`: those that were typed; and each community is a group of its own in v1 and v2c."""
    config = _config(context)

    def block(name: str, model: str, storage: str, views: tuple[str, str, str], number: str) -> Iterator[str]:
        read, write, notify = views
        yield f"groupname: {name:<33}security model:{model} "
        yield f"contextname: {'<no context specified>':<31}storage-type: {storage}"
        yield f"readview : {read or '<no readview specified>':<33}writeview: {write or '<no writeview specified>':<32}"
        yield f"notifyview: {notify or '<no notifyview specified>':<32}"
        yield f"row status: active{f'	access-list: {number}' if number else ''}"
        yield ""

    for group in config.groups.values():
        model = f"v3 {LEVELS[group.level]}" if group.model == "v3" else group.model
        views = (group.read or DEFAULT_VIEW, group.write, group.notify)
        yield from block(group.name, model, "nonvolatile", views, group.access_list)
    for line in config.communities.values():
        view = line.view or DEFAULT_VIEW
        for model in ("v1", "v2c"):
            views = (view, view if line.write else "", "")
            yield from block(line.name, model, "permanent", views, line.access_list)


def show_views(context: Context) -> Iterator[str]:
    """`show snmp view`."""
    config = _config(context)
    if not config.enabled:
        yield NOT_ENABLED
        return
    for line in config.views.values():
        how = "included" if line.included else "excluded"
        yield f"{line.name} {name_of(line.family)} - {how} nonvolatile active"
    yield f"{DEFAULT_VIEW} iso - included permanent active"
    for hidden in (15, 16, 18):
        yield f"{DEFAULT_VIEW} internet.6.3.{hidden} - excluded permanent active"


def show_hosts(context: Context) -> Iterator[str]:
    """`show snmp host`."""
    for host in _config(context).hosts.values():
        kind = "inform" if host.inform else "trap"
        model = {"1": "v1", "2c": "v2c", "3": f"v3 {LEVELS[host.level]}"}[host.version]
        yield f"Notification host: {host.address}\tudp-port: {host.port}\ttype: {kind}"
        yield f"user: {host.name}\tsecurity model: {model}"
        yield ""


def show_engine(context: Context) -> Iterator[str]:
    """`show snmp engineID`: of this box, and of managers that take informs."""
    if not _config(context).enabled:
        yield NOT_ENABLED
        return
    yield f"Local SNMP engineID: {context.device.service(SnmpAgent).engine.hex().upper()}"
    yield "Remote Engine ID          IP-addr    Port"
    for where, digits in _config(context).remote_engines.items():
        yield f"{digits:<24}  {where.address!s:<9}  {where.port}"


def show_indexes(context: Context) -> Iterator[str]:
    """`show snmp mib ifmib ifindex`."""
    for number, interface in context.device.service(SnmpAgent).indexes.ordered():
        yield f"{interface.name}: Ifindex = {number}"
