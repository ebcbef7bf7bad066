"""EtherChannel in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.etherchannel.config import EtherChannelConfig


def load_balance_lines(switch: Device, _render: Render) -> list[str]:
    """`port-channel load-balance`, unless it is the default."""
    method: str = switch.config.of(EtherChannelConfig).load_balance
    return [] if method == "src-mac" else [f"port-channel load-balance {method}"]
