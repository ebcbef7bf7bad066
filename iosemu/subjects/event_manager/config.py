"""`event manager …`."""

from __future__ import annotations

from dataclasses import dataclass, field

MAXRUN = 20.0
"""Seconds that an applet may run."""


@dataclass(frozen=True)
class Comparison:
    """`entry-op OP entry-val N entry-type value|increment`."""

    operator: str
    value: int
    increment: bool = False


@dataclass(frozen=True)
class Trigger:
    """What an applet waits for."""

    kind: str
    """`none`, `syslog`, `watchdog`, `countdown`, `cron`, `absolute`, `cli`, `track`, `interface`, `counter`, `snmp` or
    `ipsla`."""
    text: str
    """The line as it is listed, without `event`."""
    pattern: str = ""
    """Also the state of a tracked object, the parameter of an interface, the name of a counter, an object identifier,
    and the element of a reaction."""
    number: int = 0
    """Of a tracked object, or an operation of IP SLA."""
    interface: str = ""
    following: bool = False
    """`get-type next`: the object behind that which is named."""
    address: str = ""
    """Of the target of an operation; empty: any."""
    entry: Comparison | None = None
    leaving: Comparison | None = None
    """What must hold before the entry counts again (`exit-op` …); None: it counts at each look."""
    seconds: float = 0.0
    occurs: int = 1
    period: float = 0.0
    """Seconds in which it has to occur so often; 0: however long it takes."""
    sync: bool = False
    skip: bool = False
    maxrun: float = MAXRUN

    @property
    def event_type(self) -> str:
        """As shows and `$_event_type_string` name it."""
        timed = self.kind in ("watchdog", "countdown", "cron", "absolute")
        return f"timer {self.kind}" if timed else self.kind


@dataclass(frozen=True)
class Action:
    """One line of an applet."""

    kind: str
    text: str
    """The line as it is listed, without `action LABEL`."""
    argument: str = ""
    name: str = ""
    severity: int = 6
    words: tuple[str, ...] = ()
    """What a condition, a calculation or a text function is made of."""
    options: tuple[tuple[str, str], ...] = ()
    """Words with their values."""

    def option(self, name: str) -> str:
        """The value of a word; empty where it was not typed."""
        return dict(self.options).get(name, "")


@dataclass
class Applet:
    """`event manager applet NAME`."""

    name: str
    description: str = ""
    bypass: bool = False
    """`authorization bypass`: its commands are not authorized."""
    trap: bool = False
    """A notification is sent when it runs."""
    trigger: Trigger | None = None
    actions: dict[str, Action] = field(default_factory=dict)
    """By label; they run in the order of their labels as text."""
    changes: int = 0
    """How often its trigger was typed: what waits for an older one is over."""

    @property
    def ordered(self) -> list[tuple[str, Action]]:
        """The actions in the order in which they run."""
        return sorted(self.actions.items())


@dataclass
class EventManagerConfig:
    """Applets and variables by name."""

    applets: dict[str, Applet] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    cli_user: str = ""
    """`event manager session cli username`: as whom commands are typed."""
