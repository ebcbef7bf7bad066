"""`ip inspect …`: context-based access control."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.box.debugging import DebugFlag

GROUP = "INSPECT special"
DEBUG = {
    "object-creation": DebugFlag("INSPECT Object Creations", GROUP),
    "object-deletion": DebugFlag("INSPECT Object Deletions", GROUP),
    "events": DebugFlag("INSPECT special events", GROUP),
    "tcp": DebugFlag("INSPECT TCP Inspection", GROUP),
    "udp": DebugFlag("INSPECT UDP Inspection", GROUP),
    "icmp": DebugFlag("INSPECT ICMP Inspection", GROUP),
}
"""`debug ip inspect WORD`."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """`ip inspect name RULE PROTOCOL …`; None: as the global settings say."""

    protocol: str
    alert: bool | None = None
    audit_trail: bool | None = None
    timeout: int | None = None
    """Seconds of silence."""
    router_traffic: bool = False
    """What the box itself sends is inspected, too."""

    def __str__(self) -> str:
        words = [self.protocol]
        if self.router_traffic:
            words.append("router-traffic")
        for name, value in (("alert", self.alert), ("audit-trail", self.audit_trail)):
            if value is not None:
                words.append(f"{name} {'on' if value else 'off'}")
        if self.timeout is not None:
            words.append(f"timeout {self.timeout}")
        return " ".join(words)


@dataclass
class InspectConfig:
    """The rules by name, and the global settings; limits of None are `unlimited`."""

    rules: dict[str, dict[str, Inspected]] = field(default_factory=dict)
    """By name, what is inspected by protocol, in the order typed."""
    audit_trail: bool = False
    alert_off: bool = False
    dns_timeout: int = 5
    icmp_idle: int = 10
    tcp_idle: int = 3600
    fin_wait: int = 5
    syn_wait: int = 30
    udp_idle: int = 30
    incomplete_low: int | None = None
    incomplete_high: int | None = None
    minute_low: int | None = None
    minute_high: int | None = None
    host: int | None = None
    block_time: int = 0
    log_dropped: bool = False
    """`ip inspect log drop-pkt`."""


@dataclass
class InspectSides:
    """`ip inspect RULE in|out` under `interface X`."""

    inbound: str = ""
    outbound: str = ""
