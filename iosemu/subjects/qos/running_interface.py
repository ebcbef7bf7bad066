"""QoS under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import InterfaceSection
from iosemu.subjects.qos.config import QosPort


def _lines(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    port = config.held(QosPort)
    if port is None:
        return
    if port.reservable is not None:
        yield f" max-reserved-bandwidth {port.reservable}"
    if port.shape is not None:
        shape = port.shape
        yield f" traffic-shape rate {shape.value} {shape.bc} {shape.be} {port.shape_limit}"
    if port.pre_classify:
        yield " qos pre-classify"
    if port.input:
        yield f" service-policy input {port.input}"
    if port.output:
        yield f" service-policy output {port.output}"


def _limits(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    port = config.held(QosPort)
    if port is not None:
        yield from (f" rate-limit input {each.words()}" for each in port.limits_in)
        yield from (f" rate-limit output {each.words()}" for each in port.limits_out)


def _queueing(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    port = config.held(QosPort)
    if port is None:
        return
    if port.priority_group is not None:
        yield f" priority-group {port.priority_group}"
    if port.custom_list is not None:
        yield f" custom-queue-list {port.custom_list}"
    if port.fair is not None:
        yield f" {port.fair.words()}"
    elif port.not_fair:
        yield " no fair-queue"
    if port.ring is not None:
        yield f" tx-ring-limit {port.ring}"


def _hold_queues(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    port = config.held(QosPort)
    if port is not None and port.hold_in is not None:
        yield f" hold-queue {port.hold_in} in"
    if port is not None and port.hold_out is not None:
        yield f" hold-queue {port.hold_out} out"


SECTIONS = (
    InterfaceSection("rate-limit", _limits),
    InterfaceSection("fair-queue", _queueing),
    InterfaceSection("hold-queue", _hold_queues),
    InterfaceSection("service-policy", _lines),
)
