"""The lines of `mls qos` in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.net.marking import CLASSES, STEPS, Trust
from iosemu.subjects.mls_qos.config import MOST, PortMarks, QosConfig


def global_lines(switch: Device, _render: Render) -> Iterator[str]:
    """The global lines; `mls qos` itself comes last."""
    config = switch.config.of(QosConfig)
    for cos in range(8):
        moved = [
            str(dscp)
            for dscp, (now, usual) in enumerate(zip(config.maps.dscp_cos, CLASSES, strict=True))
            if now == cos != usual
        ]
        for at in range(0, len(moved), MOST):
            yield f"mls qos map dscp-cos  {' '.join(moved[at : at + MOST])} to {cos}"
    for name, row in (("cos-dscp", config.maps.cos_dscp), ("ip-prec-dscp", config.maps.precedence_dscp)):
        if row != STEPS:
            yield f"mls qos map {name} {' '.join(map(str, row))}"
    if not config.rewrite:
        yield "no mls qos rewrite ip dscp"
    if config.enabled:
        yield "mls qos"


def port_lines(_switch: Device, config: InterfaceConfig) -> Iterator[str]:
    """The lines of a port."""
    marks = config.held(PortMarks)
    if marks is None:
        return
    if marks.cos:
        yield f" mls qos cos {marks.cos}"
    if marks.override:
        yield " mls qos cos override"
    if marks.telephone:
        yield " mls qos trust device cisco-phone"
    if marks.trust is not Trust.NOTHING:
        yield f" mls qos trust {marks.trust.value}"
