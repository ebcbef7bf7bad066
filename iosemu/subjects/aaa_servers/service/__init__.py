"""Asking servers of TACACS+ and RADIUS."""

from iosemu.subjects.aaa_servers.service.servers import (
    AaaServers,
    Asking,
    Pending,
    PortClient,
    RadiusPending,
    answer_of,
    when_answered,
)

__all__ = ["AaaServers", "Asking", "Pending", "PortClient", "RadiusPending", "answer_of", "when_answered"]
