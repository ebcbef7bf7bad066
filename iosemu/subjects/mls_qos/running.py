"""The lines of `mls qos` in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.net.marking import CLASSES, STEPS, UNCHANGED, Trust
from iosemu.subjects.mls_qos.config import MOST, PortMarks, QosConfig


def global_lines(switch: Device, _render: Render) -> Iterator[str]:
    """The global lines; `mls qos` itself comes last."""
    config = switch.config.of(QosConfig)
    yield from _moved("mls qos map policed-dscp ", config.maps.policed_dscp, UNCHANGED)
    for name, limit in config.aggregates.items():
        yield f"mls qos aggregate-policer {name} {limit.words()}"
    for name, row in config.mutations.items():
        yield from _moved(f"mls qos map dscp-mutation {name} ", row, UNCHANGED) or [
            f"mls qos map dscp-mutation {name}  0 to 0"
        ]
    yield from _moved("mls qos map dscp-cos ", config.maps.dscp_cos, CLASSES)
    for name, row in (("cos-dscp", config.maps.cos_dscp), ("ip-prec-dscp", config.maps.precedence_dscp)):
        if row != STEPS:
            yield f"mls qos map {name} {' '.join(map(str, row))}"
    if not config.rewrite:
        yield "no mls qos rewrite ip dscp"
    if config.enabled:
        yield "mls qos"


def _moved(words: str, row: tuple[int, ...], usual: tuple[int, ...]) -> list[str]:
    """The lines of a map from DSCPs that say where it is not the usual one."""
    lines = []
    for value in sorted(set(row)):
        moved = [
            str(dscp) for dscp, (now, was) in enumerate(zip(row, usual, strict=True)) if now == value != was
        ]
        lines += [
            f"{words} {' '.join(moved[at : at + MOST])} to {value}" for at in range(0, len(moved), MOST)
        ]
    return lines


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
    if marks.mutation:
        yield f" mls qos dscp-mutation {marks.mutation}"


def policy_lines(_switch: Device, config: InterfaceConfig) -> Iterator[str]:
    """The policy of a port."""
    marks = config.held(PortMarks)
    if marks is not None and marks.policy:
        yield f" service-policy input {marks.policy}"
