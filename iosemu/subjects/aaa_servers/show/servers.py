"""`show tacacs`, `show aaa servers`, `show radius …` (outputs/show_tacacs, show_aaa_servers; command reference)."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.net.aaa.radius_client import RadiusTarget
from iosemu.packets.radius import OLD_ACCOUNTING_PORT, OLD_AUTHENTICATION_PORT
from iosemu.subjects.aaa_servers.config import (
    RADIUS,
    RadiusServer,
    ServersConfig,
)
from iosemu.subjects.aaa_servers.service import AaaServers
from iosemu.subjects.aaa_servers.service.counters import RadiusState, RequestCounters


def show_tacacs(context: Context) -> Iterator[str]:
    """`show tacacs`."""
    config, servers = context.device.config.of(ServersConfig), context.device.service(AaaServers)
    for number, server in enumerate(config.all_tacacs()):
        if number:
            yield ""
            yield ""
        counters = servers.counters(server)
        yield "Tacacs+ Server -  public  :"
        if server.name:
            yield f"               Server name: {server.name}"
        yield f"            Server address: {server.address if server.address is not None else 'UNKNOWN'}"
        yield f"               Server port: {server.port}"
        for name, value in (
            ("Socket opens", counters.opens),
            ("Socket closes", counters.closes),
            ("Socket aborts", counters.aborts),
            ("Socket errors", counters.errors),
            ("Socket Timeouts", counters.timeouts),
            ("Failed Connect Attempts", counters.failed_connects),
            ("Total Packets Sent", counters.sent),
            ("Total Packets Recv", counters.received),
        ):
            yield f"{name:>26}: {value:10}"


def _known(context: Context) -> Iterator[tuple[RadiusServer, RadiusTarget, RadiusState]]:
    servers = context.device.service(AaaServers)
    for server in servers.config.all_radius():
        target = servers.target(server)
        if target is not None:
            yield server, target, servers.radius.state(target)


def show_aaa_servers(context: Context) -> Iterator[str]:
    """`show aaa servers`."""
    radius, now = context.device.service(AaaServers).radius, context.device.now
    for number, (server, target, state) in enumerate(_known(context), 1):
        dead = radius.dead(target)
        yield (
            f"RADIUS: id {number}, priority {number}, host {target.address}, auth-port "
            f"{target.authentication_port}, acct-port {target.accounting_port}"
            + (f", hostname {server.name}" if server.name else "")
        )
        yield (
            f"     State: current {'DEAD' if dead else 'UP'}, duration {int(now - state.since)}s, "
            f"previous duration {int(state.previous)}s"
        )
        total = state.dead_total + (now - state.since if dead else 0.0)
        yield f"     Dead: total time {int(total)}s, count {state.dead_count}"
        yield "     Quarantined: No"
        yield from _requests("Authen", state.authentication)
        yield from _requests("Author", RequestCounters())
        yield from _accounting(state.accounting)
        minutes = int(now - max(radius.cleared, context.device.booted_at)) // 60
        elapsed = f"{minutes // 60}h{minutes % 60}m" if minutes >= 60 else f"{minutes}m"
        yield f"     Elapsed time since counters last cleared: {elapsed}"
        yield f"     Estimated Outstanding Access Transactions: {radius.outstanding(accounting=False)}"
        yield f"     Estimated Outstanding Accounting Transactions: {radius.outstanding(accounting=True)}"
        yield "     Estimated Throttled Access Transactions: 0"
        yield "     Estimated Throttled Accounting Transactions: 0"
        yield "     Maximum Throttled Transactions: access 0, accounting 0"


def _head(name: str, c: RequestCounters) -> str:
    return (
        f"     {name}: request {c.requests}, timeouts {c.timeouts}, failover {c.failovers}, "
        f"retransmission {c.retransmissions}"
    )


def _tail(c: RequestCounters) -> Iterator[str]:
    yield (
        f"             Response: unexpected {c.unexpected}, server error 0, incorrect {c.incorrect}, "
        f"time {c.average}ms"
    )
    yield f"             Transaction: success {c.successes}, failure {c.failures}"
    yield "             Throttled: transaction 0, timeout 0, failure 0"
    yield f"             Malformed responses: {c.malformed}"
    yield f"             Bad authenticators: {c.incorrect}"


def _requests(name: str, c: RequestCounters) -> Iterator[str]:
    yield _head(name, c)
    yield f"             Response: accept {c.accepts}, reject {c.rejects}, challenge {c.challenges}"
    yield from _tail(c)


def _accounting(c: RequestCounters) -> Iterator[str]:
    yield _head("Account", c)
    yield f"             Request: start {c.starts}, interim {c.interims}, stop {c.stops}"
    yield (
        f"             Response: start {c.start_answers}, interim {c.interim_answers}, stop {c.stop_answers}"
    )
    yield from _tail(c)


def show_statistics(context: Context) -> Iterator[str]:
    """`show radius statistics`."""
    radius = context.device.service(AaaServers).radius
    states = [state for _, _, state in _known(context)]
    auth, acct = [each.authentication for each in states], [each.accounting for each in states]

    def total(of: list[RequestCounters], name: str) -> int:
        return sum(getattr(each, name) for each in of)

    def average(of: list[RequestCounters]) -> int:
        answers = total(of, "answers")
        return total(of, "delays") // answers if answers else 0

    def most(of: list[RequestCounters], name: str) -> int:
        return max((getattr(each, name) for each in of), default=0)

    def row(name: str, a: object, b: object, both: object) -> str:
        return f"{name:>27}:{a:>11}{b:>11}{both:>11}"

    def summed(name: str, field: str) -> str:
        a, b = total(auth, field), total(acct, field)
        return row(name, a, b, a + b)

    yield f"{'':>28}{'Auth.':>11}{'Acct.':>11}{'Both':>11}"
    yield row("Maximum inQ length", "NA", "NA", 1)
    yield row("Maximum waitQ length", "NA", "NA", 1)
    yield row("Maximum doneQ length", "NA", "NA", 1)
    yield summed("Total responses seen", "answers")
    yield summed("Packets with responses", "answers")
    yield summed("Packets without responses", "failures")
    yield f"{'Access Rejects    ':>27}:{total(auth, 'rejects'):>11}"
    yield row("Average response delay(ms)", average(auth), average(acct), average([*auth, *acct]))
    slowest = most(auth, "longest"), most(acct, "longest")
    yield row("Maximum response delay(ms)", *slowest, max(slowest))
    yield summed("Number of Radius timeouts", "timeouts")
    yield row("Duplicate ID detects", 0, 0, 0)
    yield row("Buffer Allocation Failures", 0, 0, 0)
    largest = most(auth, "largest"), most(acct, "largest")
    yield row("Maximum Buffer Size (bytes)", *largest, max(largest))
    yield summed("Malformed Responses        ", "malformed")
    yield summed("Bad Authenticators         ", "incorrect")
    yield summed("Unknown Responses          ", "unexpected")
    yield "Source Port Range: (2 ports only)"
    yield f"{OLD_AUTHENTICATION_PORT} - {OLD_ACCOUNTING_PORT}"
    yield "Last used Source Port/Identifier:"
    for port, identifier in radius.identifiers.items():
        yield f"{port}/{identifier}"
    yield ""
    minutes = int(context.device.now - max(radius.cleared, context.device.booted_at)) // 60
    yield f"Elapsed time since counters last cleared: {f'{minutes // 60}h' if minutes >= 60 else ''}{minutes % 60}m"


def show_groups(context: Context) -> Iterator[str]:
    """`show radius server-group all`."""
    config, servers = context.device.config.of(ServersConfig), context.device.service(AaaServers)
    names = [RADIUS] if config.all_radius() else []
    names += [group.name for group in config.groups.values() if group.protocol == "radius"]
    for name in names:
        yield f"Server group {name}"
        yield "    Sharecount = 1  sg_unconfigured = FALSE"
        yield "    Type = standard  Memlocks = 1"
        for server in config.radius_of(name):
            target = servers.target(server)
            state = servers.radius.state(target) if target is not None else RadiusState()
            shown = f",{server.name}" if server.name else ""
            yield (
                f"    Server({server.address}:{server.authentication_port},{server.accounting_port}{shown}) "
                "Transactions:"
            )
            asked = state.authentication.successes + state.authentication.failures
            told = state.accounting.successes + state.accounting.failures
            yield f"    Authen: {asked:<4}Author: 0       Acct: {told}"
            yield "    Server_auto_test_enabled: FALSE"
            yield "     Keywrap enabled: FALSE"
