"""What is configured of copies to and from servers, and of files for others."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.box.passwords import Password


@dataclass(frozen=True)
class ServedFile:
    """`tftp-server URL [alias NAME] [ACCESS-LIST]`."""

    url: str
    alias: str = ""
    access_list: str = ""


@dataclass
class FilesConfig:
    """`ip tftp …`, `ip ftp …` and `tftp-server …`."""

    tftp_source: str = ""
    """An interface."""
    tftp_block: int | None = None
    """Octets; None: 512, without asking."""
    ftp_source: str = ""
    ftp_user: str = ""
    """Empty: anonymous."""
    ftp_password: Password | None = None
    served: list[ServedFile] = field(default_factory=list)
