"""`archive`: where configurations are kept, and how many of them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class ChangeLogConfig:
    """`log config`: what is remembered of the commands that change the configuration."""

    enabled: bool = False
    size: int = 100
    """Commands that are remembered."""
    notify_syslog: bool = False
    notify_plaintext: bool = False
    """The same, with the form of the messages said."""
    hide_keys: bool = False


@dataclass
class ArchiveConfig:
    """What `archive` configures, and the archive itself."""

    path: str = ""
    """A URL; each archived configuration gets it and a number as its name."""
    maximum: int = 10
    write_memory: bool = False
    """Archive at each `write memory`."""
    time_period: int | None = None
    """Minutes between archives made by themselves."""
    due: float = 0.0
    """Lab time of the next one of them."""
    log: ChangeLogConfig | None = None
    saved: list[str] = field(default_factory=list)
    """URLs of what is kept, oldest first."""
    count: int = 0
    """Archives made so far: the number of the next one."""


@dataclass
class Rollback:
    """A change that is undone unless it is confirmed in time."""

    backup: str
    """URL of the configuration to go back to."""
    at: float
    """Lab time of the rollback."""
    minutes: int
    username: str
    number: int = 0
    pending: bool = True
