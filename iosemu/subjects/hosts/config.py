"""What is configured of names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class HostsConfig:
    """`ip dns server`."""

    dns_server: bool = False
