"""`boot system`, `boot host`, `boot network`, `boot config` and `service config`."""

from __future__ import annotations

from dataclasses import dataclass, field

EVERYBODY = "255.255.255.255"
"""Whom a box asks that was told no server."""
SERVED = ("ftp", "http", "rcp", "scp", "tftp")
"""Schemes of files on servers, where they begin a URL or stand by themselves."""


@dataclass(frozen=True)
class BootFile:
    """One file as it was typed: `flash:NAME`, `flash NAME`, `tftp NAME A.B.C.D`, `tftp://A.B.C.D/NAME`, `rom`."""

    words: str

    @property
    def url(self) -> str:
        """As a URL; `flash:` is the first file there, `rom` has none."""
        head, _, rest = self.words.partition(" ")
        if head in ("flash", "flash0"):
            return rest if ":" in rest else f"{head}:{rest}"
        if head == "rom":
            return ""
        if head in SERVED:
            name, _, server = rest.partition(" ")
            return f"{head}://{server or EVERYBODY}/{name}"
        if ":" in head:
            return head
        return f"tftp://{rest or EVERYBODY}/{head}"

    @property
    def remote(self) -> bool:
        """It is on a server."""
        return self.url.partition(":")[0] in SERVED


@dataclass
class BootConfig:
    """What the next start reads."""

    system: list[BootFile] = field(default_factory=list)
    """Images, in the order in which they are tried."""
    host: BootFile | None = None
    """A configuration for this box."""
    network: BootFile | None = None
    """A configuration for all boxes, which comes before it."""
    service_config: bool = False
    """`service config`: the two are read from their servers at all."""
    config_file: str = ""
    """Where the startup configuration is; empty: in NVRAM."""
    bypass: bool = False
    """`nvbypass`."""
    buffer_size: int | None = None
