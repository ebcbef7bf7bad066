"""`kron …`."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.box.debugging import DebugFlag

CLI_DEBUG = DebugFlag("Kron cli occurrence messages", "Kron")
INFO_DEBUG = DebugFlag("Kron info occurrence messages", "Kron")
MAJOR_DEBUG = DebugFlag("Kron major occurrence messages", "Kron")


@dataclass
class PolicyList:
    """`kron policy-list NAME`: commands in the order in which they were typed."""

    name: str
    commands: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Moment:
    """`at H:MM [[MONTH] DAY | WEEKDAY]`, or `in D:H:M`."""

    minutes: int = 0
    """Of `in`; 0: it is `at`."""
    hour: int = 0
    minute: int = 0
    month: str = ""
    day: int = 0
    weekday: str = ""

    @property
    def relative(self) -> bool:
        """`in`."""
        return self.minutes > 0

    @property
    def date(self) -> str:
        """`May 20`, `Sun`, or nothing: every day."""
        return self.weekday or " ".join(str(each) for each in (self.month, self.day) if each)

    @property
    def text(self) -> str:
        """As the configuration has it."""
        if self.relative:
            days, rest = divmod(self.minutes, 1440)
            hours, minutes = divmod(rest, 60)
            counts = [days, hours, minutes] if days else [hours, minutes] if hours else [minutes]
            return "in " + ":".join(map(str, counts))
        return f"at {self.hour}:{self.minute:02d}" + (f" {self.date}" if self.date else "")

    @property
    def cron(self) -> str:
        """`at` as a line of cron."""
        month = self.month.lower() or "*"
        return f"{self.minute} {self.hour} {self.day or '*'} {month} {self.weekday.lower() or '*'}"


@dataclass
class Occurrence:
    """`kron occurrence NAME [user U] … oneshot|recurring|system-startup`."""

    name: str
    user: str = ""
    moment: Moment = Moment(1)
    mode: str = "oneshot"
    policies: list[str] = field(default_factory=list)
    changes: int = 0
    """How often it was typed: what waits for an older one is over."""


@dataclass
class KronConfig:
    """Occurrences and policy lists by name."""

    occurrences: dict[str, Occurrence] = field(default_factory=dict)
    policies: dict[str, PolicyList] = field(default_factory=dict)
