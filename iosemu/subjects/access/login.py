"""Who tries to log in: attempts are counted and logged, and too many of them close the door (`login block-for`)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.box.timestamps import clock_text_plain, local_time
from iosemu.subjects.access.config import LoginConfig
from iosemu.subjects.acl.service import AccessLists

SSH_PORT = 22
"""The port of the device on which its clients believe to be."""
DEFAULT_ACL = "sl_def_acl"
"""The list that refuses everybody in quiet mode when no other is configured."""
DEFAULT_DELAY = 1
"""Seconds between two attempts when `login block-for` is configured without `login delay`."""
MAXIMUM_RECORDS = 100
"""Users and addresses that `show login failures` knows."""


@dataclass
class FailedLogin:
    """A row of `show login failures`."""

    username: str
    source: str
    port: int
    count: int
    when: float
    """Lab time of the last attempt."""


class LoginGuard(Service):
    """Counts attempts; after too many failures only those whom an access list permits may try (quiet mode)."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.records: dict[tuple[str, str], FailedLogin] = {}
        self.window: deque[float] = deque()
        """Lab times of the failures that count now."""
        self.quiet_until: float | None = None
        """Lab time at which quiet mode ends; None: all may try."""
        self.failures = 0
        self.successes = 0

    @property
    def config(self) -> LoginConfig:
        """`login …`."""
        return self.device.config.of(LoginConfig)

    @property
    def delay(self) -> int:
        """Seconds of the configured pause between two attempts."""
        config = self.config
        return config.delay or (DEFAULT_DELAY if config.block_for else 0)

    def admits(self, address: str) -> bool:
        """Whether a client with this source address may try to log in now."""
        if self.quiet_until is None:
            return True
        config = self.config
        if not config.quiet_class:
            return False
        try:
            source = IPv4Address(address)
        except ValueError:
            return False
        lists = self.device.find(AccessLists)
        return lists is None or lists.permits_address(config.quiet_class, source)

    def succeeded(self, username: str, source: str, port: int = SSH_PORT) -> None:
        """Somebody has logged in."""
        self.successes += 1
        config = self.config
        if config.success_log and self.successes % config.success_every == 0:
            text = (
                f"Login Success [user: {username}] [Source: {source}] [localport: {port}] at {self.clock()}"
            )
            self.device.log("SEC_LOGIN", 5, "LOGIN_SUCCESS", text)

    def failed(
        self, username: str, source: str, reason: str = "Login Authentication Failed", port: int = SSH_PORT
    ) -> None:
        """A wrong password was given: log it, and see whether there were too many."""
        who = f"[user: {username}] [Source: {source}] [localport: {port}] [Reason: {reason}]"
        self._record(username, source, port)
        self._log_failure(who)
        config, now = self.config, self.device.now
        if config.block_for is None or self.quiet_until is not None:
            return
        seconds, attempts, within = config.block_for
        self.window.append(now)
        self.expire()
        if len(self.window) < attempts:
            return
        left = max(int(self.window[0] + within - now), 0)
        self.window.clear()
        self.quiet_until = now + seconds
        self.device.scheduler.after(float(seconds), self._over)
        self.device.log(
            "SEC_LOGIN",
            1,
            "QUIET_MODE_ON",
            f"Still timeleft for watching failures is {left} secs, {who} "
            f"[ACL: {config.quiet_class or DEFAULT_ACL}] at {self.clock()}",
        )

    def refused_enable(self, username: str, source: str) -> None:
        """A wrong enable password was given by somebody who is logged in."""
        self._log_failure(
            f"[user: {username}] [Source: {source or 'LOCAL'}] [localport: {SSH_PORT if source else 0}] "
            "[Reason: Enable Authentication Failed]"
        )

    def _log_failure(self, who: str) -> None:
        self.failures += 1
        config = self.config
        if config.failure_log and self.failures % config.failure_every == 0:
            self.device.log("SEC_LOGIN", 4, "LOGIN_FAILED", f"Login failed {who} at {self.clock()}")

    def _record(self, username: str, source: str, port: int) -> None:
        key = username[:32], source
        record = self.records.pop(key, None) or FailedLogin(*key, port, 0, 0.0)
        record.count += 1
        record.when = self.device.now
        self.records[key] = record
        while len(self.records) > MAXIMUM_RECORDS:
            del self.records[next(iter(self.records))]

    def expire(self) -> None:
        """Forget the failures that no longer count."""
        if self.config.block_for is not None:
            start = self.device.now - self.config.block_for[2]
            while self.window and self.window[0] < start:
                self.window.popleft()

    def _over(self) -> None:
        if self.quiet_until is not None and self.device.now >= self.quiet_until:
            self._end("block period timed out")

    def _end(self, reason: str) -> None:
        self.quiet_until = None
        self.device.log(
            "SEC_LOGIN", 5, "QUIET_MODE_OFF", f"Quiet Mode is OFF, because {reason} at {self.clock()}"
        )

    def changed(self) -> None:
        """`no login block-for` opens the door again."""
        if self.config.block_for is None:
            self.window.clear()
            if self.quiet_until is not None:
                self._end("user cleared the configuration")

    def stop(self) -> None:
        """A box without power remembers nothing."""
        self.quiet_until = None

    def clock(self, when: float | None = None) -> str:
        """`21:52:49 UTC Sun Mar 9 2003`."""
        device = self.device
        return clock_text_plain(local_time(device, device.now if when is None else when))
