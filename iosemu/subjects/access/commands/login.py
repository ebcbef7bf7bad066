"""`login block-for` and its companions, and what they saw."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.subjects.access.config import LoginConfig
from iosemu.subjects.access.login import DEFAULT_DELAY, LoginGuard


def _config(context: Context) -> LoginConfig:
    return context.device.config.of(LoginConfig)


def block_for(context: Context, seconds: int = 0, attempts: int = 0, within: int = 0) -> None:
    """`login block-for SECONDS attempts N within SECONDS`."""
    _config(context).block_for = None if context.off else (seconds, attempts, within)


def on_failure(context: Context, log: str = "", count: int = 1) -> None:
    """`login on-failure [log [every N]]`."""
    config = _config(context)
    config.failure_log, config.failure_every = not context.off, 1 if context.off else count


def on_success(context: Context, log: str = "", count: int = 1) -> None:
    """`login on-success [log [every N]]`."""
    config = _config(context)
    config.success_log, config.success_every = not context.off, 1 if context.off else count


def show_login(context: Context) -> Iterator[str]:
    """`show login`."""
    guard = context.device.service(LoginGuard)
    config, now = guard.config, context.device.now
    if config.delay is not None:
        yield f"     A login delay of {config.delay} seconds is applied."
    elif config.block_for is not None:
        yield f"     A default login delay of {DEFAULT_DELAY} seconds is applied."
    else:
        yield "     No login delay has been applied."
    if config.quiet_class:
        yield f"     Quiet-Mode access list {config.quiet_class} is applied."
    else:
        yield "     No Quiet-Mode access list has been configured."
    for name, wanted, every in (
        ("successful", config.success_log, config.success_every),
        ("failed", config.failure_log, config.failure_every),
    ):
        if wanted:
            yield f"     {'All' if every == 1 else f'Every {every}'} {name} login is logged."
    yield ""
    if config.block_for is None:
        yield "     Router NOT enabled to watch for login Attacks"
        return
    seconds, attempts, within = config.block_for
    yield "     Router enabled to watch for login Attacks."
    yield f"     If more than {attempts} login failures occur in {within} seconds or less,"
    yield f"     logins will be disabled for {seconds} seconds."
    yield ""
    if guard.quiet_until is not None:
        yield "     Router presently in Quiet-Mode."
        yield f"     Will remain in Quiet-Mode for {max(int(guard.quiet_until - now), 0)} seconds."
        if config.quiet_class:
            yield f"     Restricted logins filtered by applied ACL {config.quiet_class}."
        else:
            yield "     Denying logins from all sources."
        return
    guard.expire()
    yield "     Router presently in Normal-Mode."
    yield "     Current Watch Window"
    left = int(guard.window[0] + within - now) if guard.window else within
    yield f"         Time remaining: {left} seconds."
    yield f"         Login failures for current window: {len(guard.window)}."
    yield f"     Total login failures: {guard.failures}."


def show_failures(context: Context) -> Iterator[str]:
    """`show login failures`."""
    guard = context.device.service(LoginGuard)
    if not guard.records:
        yield "*** No logged failed login attempts with the device.***"
        return
    yield f"Total failed logins: {sum(record.count for record in guard.records.values())}"
    yield "Detailed information about last 50 failures"
    yield ""
    yield "Username        SourceIPAddr    lPort Count TimeStamp"
    for record in list(guard.records.values())[-50:]:
        yield (
            f"{record.username[:15]:<15} {record.source:<15} {record.port:<5} {record.count:<5} "
            f"{guard.clock(record.when)}"
        )
    yield ""
