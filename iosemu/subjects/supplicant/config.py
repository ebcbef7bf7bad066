"""Who a PC says it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class SupplicantConfig:
    """`dot1x identity NAME password SECRET`; without a name it does not speak EAPOL."""

    identity: str = ""
    password: str = ""
