"""Asking servers of TACACS+ and RADIUS."""

from iosemu.subjects.aaa_servers.service.accounting import Accountant, Traffic
from iosemu.subjects.aaa_servers.service.servers import (
    AaaServers,
    Asking,
    Pending,
    PortClient,
    RadiusPending,
    answer_of,
    when_answered,
)

__all__ = [
    "AaaServers",
    "Accountant",
    "Asking",
    "Pending",
    "PortClient",
    "RadiusPending",
    "Traffic",
    "answer_of",
    "when_answered",
]
