"""`ip inspect …`: context-based access control."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.box.debugging import DebugFlag
from iosemu.net.inspection.settings import Settings
from iosemu.subjects.firewall.config.inspecting import Inspecting

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
class InspectConfig(Inspecting):
    """The rules by name, and the global settings; `log_dropped` is `ip inspect log drop-pkt`."""

    rules: dict[str, dict[str, Inspected]] = field(default_factory=dict)
    """By name, what is inspected by protocol, in the order typed."""
    alert_off: bool = False

    def settings_of(self, inspected: Inspected) -> Settings:
        """The timers and what is told of a session that a line of a rule inspects."""
        alert, audit = inspected.alert, inspected.audit_trail
        return self.settings(
            alert=not self.alert_off if alert is None else alert,
            audit_trail=self.audit_trail if audit is None else audit,
        )


@dataclass
class InspectSides:
    """`ip inspect RULE in|out` under `interface X`."""

    inbound: str = ""
    outbound: str = ""
