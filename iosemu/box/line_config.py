"""The terminal lines: console, auxiliary port and virtual terminals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from iosemu.box.passwords import Password


class ExecTimeout:
    """Minutes and seconds as typed, seconds as kept."""

    @staticmethod
    def from_parts(minutes: int, seconds: int = 0) -> int:
        """Seconds in all."""
        return minutes * 60 + seconds

    @staticmethod
    def parts(value: int) -> dict[str, int]:
        """What is typed for it; minutes end where the command takes no more."""
        minutes = min(value // 60, 35791)
        return {"minutes": minutes, "seconds": value - minutes * 60}


@dataclass(frozen=True)
class AccessClass:
    """`access-class NAME in [vrf-also]`."""

    name: str
    vrf_also: bool = False
    """Connections from VRFs are let in, too, as far as the list permits."""

    @staticmethod
    def from_parts(name: str, vrf_also: bool = False) -> AccessClass:
        """What was typed."""
        return AccessClass(name, vrf_also)

    @staticmethod
    def parts(value: AccessClass) -> dict[str, str | bool]:
        """What is typed for it."""
        return {"name": value.name, **({"vrf_also": True} if value.vrf_also else {})}


@dataclass
class LineConfig:
    """What `line …` configures for one line."""

    kind: Literal["con", "aux", "vty"]
    number: int
    exec_timeout: int = 600
    """Seconds without input after which the session ends; 0 is never."""
    login: Literal["none", "password", "local"] = "none"
    login_list: str = ""
    """`login authentication NAME`, with AAA."""
    exec_list: str = ""
    """`authorization exec NAME`, with AAA."""
    command_lists: dict[int, str] = field(default_factory=dict)
    """`authorization commands LEVEL NAME`, with AAA."""
    accounting_exec: str = ""
    """`accounting exec NAME`, with AAA."""
    accounting_commands: dict[int, str] = field(default_factory=dict)
    """`accounting commands LEVEL NAME`, with AAA."""
    password: Password | None = None
    privilege: int = 1
    logging_synchronous: bool = False
    length: int | None = None
    """Lines of a page; None takes the terminal's own, 0 never pauses."""
    width: int | None = None
    history_size: int = 10
    transport_input: tuple[str, ...] | None = None
    """None: everything the image allows."""
    transport_output: tuple[str, ...] | None = None
    transport_preferred: str = ""
    access_class_in: AccessClass | None = None
    access_class_out: str = ""
    stopbits: str = ""
    speed: int | None = None
    session_limit: int | None = None
    session_timeout: int | None = None
    """Minutes."""
    exec_enabled: bool = True
    monitor: bool = False
    autocommand: str = ""
    """What is run instead of a shell."""
    lockable: bool = False
    exec_banner: bool = True
    motd_banner: bool = True
    kept: dict[str, str] = field(default_factory=dict)
    """Lines without behaviour, by their words without `no` and value."""

    def takes(self, protocol: str) -> bool:
        """Whether who comes by a protocol gets a shell here."""
        allowed = self.transport_input
        return self.exec_enabled and (allowed is None or protocol in allowed or "all" in allowed)

    def fresh(self) -> LineConfig:
        """This line as a new box has it: virtual terminals ask for a password."""
        return LineConfig(self.kind, self.number, login="password" if self.kind == "vty" else "none")


def _console() -> LineConfig:
    return LineConfig("con", 0)


def _aux() -> LineConfig:
    return LineConfig("aux", 0)


def _vtys() -> list[LineConfig]:
    return [LineConfig("vty", number).fresh() for number in range(5)]


@dataclass
class LinesConfig:
    """All lines of a box; a switch shows no auxiliary port."""

    console: LineConfig = field(default_factory=_console)
    aux: LineConfig = field(default_factory=_aux)
    vty: list[LineConfig] = field(default_factory=_vtys)
    """By number; five on a fresh box, up to sixteen by `line vty 5 15`."""
