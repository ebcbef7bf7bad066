"""The services of a `server` node: what the lab file may say of them, and how the box is told."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

from iosemu.box.device import Device
from iosemu.lab.folder import Folder
from iosemu.net.aaa.users import Accounts, ServerUser
from iosemu.packets import radius, tacacs
from iosemu.subjects.server.config import RadiusSettings, ServerConfig, TacacsSettings


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Challenge(_Part):
    """What RADIUS asks a user after the password (Access-Challenge)."""

    question: str = Field(max_length=200, description="What the user reads, such as Token code:")
    answer: str = Field(max_length=128, description="What is right.")


class Account(_Part):
    """A user of TACACS+ and RADIUS."""

    password: str = Field(max_length=128, description="In clear.")
    privilege: int = Field(1, ge=0, le=15, description="The privilege level of its shell (priv-lvl).")
    enable: str | None = Field(
        None, max_length=128, description="Its password for `enable` (default: the services' own)."
    )
    shell: bool = Field(True, description="Whether it is given a shell at all.")
    commands: list[str] | None = Field(
        None,
        description='Which commands TACACS+ permits: "permit show *", "deny *"; the first that fits counts, none '
        "that fits denies (default: all).",
    )
    challenge: Challenge | None = Field(
        None, description="What RADIUS asks it after the password (default: nothing)."
    )
    attributes: list[str] = Field(
        default=[], description="Further attribute-value pairs, such as idletime=5."
    )

    vlan: str = Field(
        "",
        max_length=32,
        description="The VLAN, by number or name, that RADIUS puts the user's port into (802.1X).",
    )
    session_timeout: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Seconds after which RADIUS has the user prove itself again (802.1X).",
    )

    @field_validator("vlan", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value

    @field_validator("commands")
    @classmethod
    def _rules(cls, value: list[str] | None) -> list[str] | None:
        for rule in value or ():
            word, _, pattern = rule.strip().partition(" ")
            if word not in ("permit", "deny") or not pattern.strip():
                raise ValueError(f"{rule!r} is neither 'permit PATTERN' nor 'deny PATTERN'")
        return value

    @field_validator("attributes")
    @classmethod
    def _pairs(cls, value: list[str]) -> list[str]:
        for pair in value:
            if not ("=" in pair or "*" in pair) or len(pair.encode()) > 200:
                raise ValueError(f"{pair!r} is no NAME=VALUE of at most 200 octets")
        return value


class Tacacs(_Part):
    """A TACACS+ server."""

    key: str = Field(description="The shared key; empty: nothing is obfuscated.")
    port: int = Field(tacacs.PORT, ge=1, le=65535, description="Its TCP port.")


class Radius(_Part):
    """A RADIUS server."""

    key: str = Field(min_length=1, description="The shared secret.")
    auth_port: int | None = Field(
        None, ge=1, le=65535, description="UDP port for authentication (default: both 1812 and 1645)."
    )
    acct_port: int | None = Field(
        None, ge=1, le=65535, description="UDP port for accounting (default: both 1813 and 1646)."
    )


class Services(_Part):
    """What a server runs."""

    users: dict[str, Account] = Field(
        default={}, description="Users of TACACS+, RADIUS, FTP, SCP and HTTP by name."
    )
    enable: str | None = Field(
        None, max_length=128, description="The password for `enable` of users who have none of their own."
    )
    tacacs: Tacacs | None = Field(None, description="TACACS+ (RFC 8907).")
    radius: Radius | None = Field(None, description="RADIUS (RFC 2865, RFC 2866).")
    tftp: bool = Field(False, description="Files by TFTP (RFC 1350).")
    ftp: bool = Field(
        False,
        description="Files by FTP (RFC 959, passive), for the users, or for anonymous where there are none.",
    )
    http: bool = Field(
        False,
        description="Files by HTTP (RFC 9110): GET for everybody, PUT for the users, or for everybody where there "
        "are none.",
    )
    scp: bool = Field(
        False, description="Files by SCP, for the users, or for everybody where there are none; no shell."
    )
    folder: str | None = Field(
        None,
        description="Where its files are, relative to the file that names it and in its folder (default: it has "
        "none but those that were written to it).",
    )
    writable: bool = Field(
        False,
        description="Whether what is written to it goes into `folder`; else it is kept while the lab runs.",
    )
    smtp: bool = Field(
        False, description="Take mail by SMTP (RFC 5321), each message as `mailN.eml` of its files."
    )
    syslog: bool = Field(False, description="Collect syslog messages on UDP port 514.")


def provide(device: Device, services: Services, files: Folder) -> None:
    """Have a server run these services; after its start and before its configuration."""
    config = device.config.of(ServerConfig)
    users = {
        name: ServerUser(
            name,
            each.password,
            each.privilege,
            each.enable,
            tuple(each.attributes),
            tuple(each.commands) if each.commands is not None else None,
            each.shell,
            each.vlan,
            each.session_timeout,
            (each.challenge.question, each.challenge.answer) if each.challenge is not None else None,
        )
        for name, each in services.users.items()
    }
    config.accounts = Accounts(users, services.enable)
    if services.tacacs is not None:
        config.tacacs = TacacsSettings(services.tacacs.key.encode(), services.tacacs.port)
    if services.radius is not None:
        told = services.radius
        config.radius = RadiusSettings(
            told.key.encode(),
            (told.auth_port,)
            if told.auth_port is not None
            else (radius.AUTHENTICATION_PORT, radius.OLD_AUTHENTICATION_PORT),
            (told.acct_port,)
            if told.acct_port is not None
            else (radius.ACCOUNTING_PORT, radius.OLD_ACCOUNTING_PORT),
        )
    config.syslog = services.syslog
    config.files, config.tftp, config.ftp = files, services.tftp, services.ftp
    config.http, config.scp = services.http, services.scp
    config.smtp = services.smtp
    device.configured("server")
