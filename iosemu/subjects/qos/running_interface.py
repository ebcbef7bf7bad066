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


SECTIONS = (InterfaceSection("service-policy", _lines),)
