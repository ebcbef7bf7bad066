"""What is configured of copies to and from servers, and of files for others."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ServedFile:
    """`tftp-server URL [alias NAME] [ACCESS-LIST]`."""

    url: str
    alias: str = ""
    access_list: str = ""


@dataclass
class FilesConfig:
    """`ip tftp …` and `tftp-server …`."""

    tftp_source: str = ""
    """An interface."""
    tftp_block: int | None = None
    """Octets; None: 512, without asking."""
    served: list[ServedFile] = field(default_factory=list)
