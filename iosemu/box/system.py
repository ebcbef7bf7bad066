"""What a box knows about itself: its name, its users, its secrets, its services and banners."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from iosemu.box.passwords import Password
from iosemu.box.time_zone import SummerTime, Timezone


@dataclass
class User:
    """`username NAME …`."""

    name: str
    privilege: int = 1
    secret: Password | None = None
    password: Password | None = None
    no_password: bool = False
    """`nopassword`: whatever is typed is right, and on a terminal line nothing is asked."""
    autocommand: str = ""
    """What is run instead of a shell."""
    hangs_up: bool = True
    """After `autocommand`; `nohangup` gives a shell then."""
    escapes: bool = True
    """The escape character leads back from other boxes, unless `noescape`."""
    access_class: str = ""
    """The list of addresses that the user may go on to, instead of the line's."""

    def accepts(self, typed: str) -> bool:
        """Whether `typed` is this user's password; a user with none has the empty one."""
        if self.no_password:
            return True
        stored = self.secret or self.password
        return stored.matches(typed) if stored else typed == ""


@dataclass
class Timestamps:
    """`service timestamps log|debug …`: none, uptime or datetime with its parts."""

    form: Literal["none", "uptime", "datetime"] = "uptime"
    msec: bool = False
    localtime: bool = False
    show_timezone: bool = False
    year: bool = False

    def words(self) -> str:
        """The part of the line that follows `log` or `debug`."""
        parts = [self.form, "msec" * self.msec, "localtime" * self.localtime]
        parts += ["show-timezone" * self.show_timezone, "year" * self.year]
        return " ".join(part for part in parts if part)


@dataclass
class Names:
    """How names become addresses in one routing instance."""

    domain_name: str = ""
    domain_list: list[str] = field(default_factory=list)
    """Domains that names without a full stop are tried in, instead of `domain_name`."""
    name_servers: list[str] = field(default_factory=list)
    hosts: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class SystemConfig:
    """The `system` part of a router's or switch's configuration."""

    hostname: str = ""
    """Empty: the default name of the kind of box (Router, Switch)."""
    enable_secret: dict[int, Password] = field(default_factory=dict)
    """By privilege level."""
    enable_password: dict[int, Password] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    timestamps: dict[str, Timestamps] = field(
        default_factory=lambda: {"debug": Timestamps("datetime", True), "log": Timestamps("datetime", True)}
    )
    password_encryption: bool = False
    banners: dict[str, str] = field(default_factory=dict)
    """`motd`, `login` and `exec` by name: the text between the delimiters, line ends as newlines."""
    prompt: str = ""
    """`prompt TEXT`; empty: host name and mark."""
    minimum_length: int = 0
    """`security passwords min-length`."""
    domain_name: str = ""
    domain_list: list[str] = field(default_factory=list)
    """Domains that names without a full stop are tried in, instead of `domain_name`."""
    domain_lookup: bool = True
    name_servers: list[str] = field(default_factory=list)
    hosts: dict[str, list[str]] = field(default_factory=dict)
    vrf_names: dict[str, Names] = field(default_factory=dict)
    """What is typed with `vrf V`."""
    timezone: Timezone = field(default_factory=Timezone)
    summer_time: SummerTime | None = None
    aliases: dict[tuple[str, str], str] = field(
        default_factory=lambda: {
            ("exec", "h"): "help",
            ("exec", "lo"): "logout",
            ("exec", "p"): "ping",
            ("exec", "r"): "resume",
            ("exec", "s"): "show",
            ("exec", "u"): "undebug",
            ("exec", "un"): "undebug",
            ("exec", "w"): "where",
        }
    )
    """What a first word stands for, by mode and word."""
    privileges: dict[tuple[str, str], int] = field(default_factory=dict)
    """`privilege MODE level N COMMAND`: level by mode and canonical command."""
    kept: dict[str, str] = field(default_factory=dict)
    """Lines accepted without behaviour: the line as configured, by its words without `no`."""
    license_boot: dict[str, str] = field(default_factory=dict)
    """`license boot module …`: the package of each technology, from the next start on."""
    license_active: dict[str, str] = field(default_factory=dict)
    """Those that counted when the box started."""
    clock_offset: float = 0.0
    """Seconds by which `clock set` moved the clock against the lab's."""
    clock_set: bool = False
    clock_source: str = ""
    """`NTP` where that set it; empty: a user."""
    clock_lost: bool = False
    """What set it is out of reach."""
    changed_at: float | None = None
    """Lab time of the last change, and by whom (empty: at the console)."""
    changed_by: str = ""
    unsaved: bool = False
    """Something was changed since the configuration was saved."""
    saved_at: float | None = None
    saved_by: str = ""

    def change(self, when: float, by: str) -> None:
        """The configuration was changed at lab time `when`."""
        self.changed_at, self.changed_by, self.unsaved = when, by, True

    def save(self, when: float, by: str) -> None:
        """The configuration was saved at lab time `when`."""
        self.saved_at, self.saved_by, self.unsaved = when, by, False

    file_prompt: Literal["alert", "noisy", "quiet"] = "alert"

    def named(self, vrf: str) -> Names:
        """As `names`, to be changed; the domain name of the default instance is `domain_name`."""
        return self.vrf_names.setdefault(vrf, Names()) if vrf else self.names()

    def names(self, vrf: str = "") -> Names:
        """What holds in a VRF; without one, in the default instance."""
        if vrf:
            return self.vrf_names.get(vrf) or Names()
        return Names(self.domain_name, self.domain_list, self.name_servers, self.hosts)


DEFAULT_ALIASES: dict[tuple[str, str], str] = SystemConfig().aliases
