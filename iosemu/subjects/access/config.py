"""Who may come in, and how: AAA method lists and the SSH server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from iosemu.box.debugging import DebugFlag

AUTHENTICATION_DEBUG = DebugFlag("AAA Authentication", "General OS")
AUTHORIZATION_DEBUG = DebugFlag("AAA Authorization", "General OS")
ACCOUNTING_DEBUG = DebugFlag("AAA Accounting", "General OS")

TRIES = 3
METHODS = ("enable", "line", "local", "local-case", "none", "group")


@dataclass(frozen=True)
class AccountingList:
    """`aaa accounting … start-stop|stop-only|wait-start|none METHOD …`."""

    action: str
    methods: tuple[str, ...] = ()


@dataclass
class AaaConfig:
    """`aaa …`; a method list holds the words as typed, `group NAME` as one."""

    new_model: bool = False
    login: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By list name; the list `default` serves lines that name none."""
    ppp: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """`aaa authentication ppp`, by list name."""
    dot1x: tuple[str, ...] = ()
    """`aaa authentication dot1x default`."""
    enable: tuple[str, ...] = ()
    exec_: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """`aaa authorization exec`: who is given the privilege of the user account."""
    command_lists: dict[tuple[int, str], tuple[str, ...]] = field(default_factory=dict)
    """`aaa authorization commands`, by privilege level and list name."""
    network: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """`aaa authorization network`: where the policies of VPN peers are."""
    config_commands: bool = False
    """Commands of configuration modes are authorized, too."""
    console: bool = False
    """The console is authorized, too."""
    accounting_exec: dict[str, AccountingList] = field(default_factory=dict)
    accounting_commands: dict[tuple[int, str], AccountingList] = field(default_factory=dict)
    """By privilege level and list name."""
    accounting_dot1x: AccountingList | None = None
    """`aaa accounting dot1x default`."""
    accounting_system: AccountingList | None = None
    """`aaa accounting system default`."""
    update_new: bool = False
    """`aaa accounting update newinfo`: when there is something new to tell of a session."""
    update_minutes: int | None = None
    """`aaa accounting update periodic`."""
    attempts: int = TRIES
    """Wrong passwords before a line is given back."""
    messages: dict[str, str] = field(default_factory=dict)
    """What logins say: `banner` and `fail-message`, `username-prompt` and `password-prompt`."""
    commands: dict[str, str] = field(default_factory=dict)
    """Other `aaa` lines, kept."""


@dataclass
class LoginConfig:
    """`login …` of the whole box."""

    block_for: tuple[int, int, int] | None = None
    """Seconds of quiet after so many failures within so many seconds."""
    delay: int | None = None
    """Seconds between two attempts."""
    quiet_class: str = ""
    """The access list that says who may log in even in quiet mode."""
    failure_log: bool = False
    failure_every: int = 1
    success_log: bool = False
    success_every: int = 1
    """Every how many attempts one is logged."""


@dataclass(frozen=True)
class PublicKey:
    """A key of `ip ssh pubkey-chain`: its type and the MD5 of its SSH wire form."""

    algorithm: str
    md5: str
    """32 upper-case hexadecimal digits."""
    comment: str = ""


@dataclass
class SshConfig:
    """`ip ssh …` and `ip scp server enable`."""

    version: int | None = None
    timeout: int = 120
    """Seconds for logging in."""
    retries: int = 3
    scp: bool = False
    source_interface: str = ""
    """Whose address the box has as a client."""
    keys: dict[str, list[PublicKey]] = field(default_factory=dict)
    """By user name."""
    kept: list[str] = field(default_factory=list)
    """Other `ip ssh` lines."""


@dataclass(frozen=True)
class AaaStyle:
    """What differs between images."""

    stem: ClassVar[str] = "aaa"
    no_aaa: bool = True
    """A box without AAA says `no aaa new-model`."""
