"""What is said of sessions both by `ip inspect …` of the whole box and by a parameter map of `type inspect`."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.net.inspection.settings import Limits, Settings


@dataclass(kw_only=True)
class Inspecting:
    """Timers in seconds, and limits; a limit of None is `unlimited`."""

    audit_trail: bool = False
    dns_timeout: int = 5
    icmp_idle: int = 10
    tcp_idle: int = 3600
    fin_wait: int = 5
    syn_wait: int = 30
    udp_idle: int = 30
    incomplete_low: int | None = None
    incomplete_high: int | None = None
    minute_low: int | None = None
    minute_high: int | None = None
    host: int | None = None
    block_time: int = 0
    log_dropped: bool = False

    def settings(self, *, alert: bool, audit_trail: bool) -> Settings:
        """The timers of a session, and what is told of it."""
        return Settings(
            self.tcp_idle,
            self.syn_wait,
            self.fin_wait,
            self.udp_idle,
            self.icmp_idle,
            self.dns_timeout,
            alert,
            audit_trail,
        )

    def limits(self) -> Limits:
        """What is said of all sessions together."""
        return Limits(
            self.incomplete_low,
            self.incomplete_high,
            self.minute_low,
            self.minute_high,
            self.host,
            self.block_time,
        )

    def host_words(self) -> str:
        """`tcp max-incomplete host N [block-time M]`; empty: it is not limited."""
        if self.host is None:
            return ""
        block = f" block-time {self.block_time}" if self.block_time else ""
        return f"tcp max-incomplete host {self.host}{block}"
