"""OSPF under `interface X` in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.routing.ospf import NetworkType
from iosemu.subjects.ospf.config.interface import OspfInterface

NETWORK_WORDS = {
    NetworkType.BROADCAST: "broadcast",
    NetworkType.NON_BROADCAST: "non-broadcast",
    NetworkType.POINT_TO_POINT: "point-to-point",
    NetworkType.POINT_TO_MULTIPOINT: "point-to-multipoint",
    NetworkType.POINT_TO_MULTIPOINT_NONBROADCAST: "point-to-multipoint non-broadcast",
}
AUTHENTICATION_WORDS = {"simple": "", "message-digest": " message-digest", "null": " null"}


def interface_lines(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    """What was typed of OSPF, in the order of IOS."""
    own = config.held(OspfInterface)
    if own is None:
        return
    keys = own.keys
    if keys.type is not None:
        yield f" ip ospf authentication{AUTHENTICATION_WORDS[keys.type]}"
    if keys.password is not None:
        yield f" ip ospf authentication-key {_spelled(keys.password.type, keys.password.value)}"
    for number, key in keys.keys:
        yield f" ip ospf message-digest-key {number} md5 {_spelled(key.type, key.value)}"
    if own.network_type is not None:
        yield f" ip ospf network {NETWORK_WORDS[own.network_type]}"
    if own.hello_multiplier is not None:
        yield f" ip ospf dead-interval minimal hello-multiplier {own.hello_multiplier}"
    elif own.dead is not None:
        yield f" ip ospf dead-interval {own.dead}"
    if own.hello is not None:
        yield f" ip ospf hello-interval {own.hello}"
    if own.retransmit is not None:
        yield f" ip ospf retransmit-interval {own.retransmit}"
    if own.transmit_delay is not None:
        yield f" ip ospf transmit-delay {own.transmit_delay}"
    if own.filter_out:
        yield " ip ospf database-filter all out"
    if own.mtu_ignore:
        yield " ip ospf mtu-ignore"
    if own.priority is not None:
        yield f" ip ospf priority {own.priority}"
    if own.process is not None:
        yield f" ip ospf {own.process} area {own.area}" + ("" if own.secondaries else " secondaries none")
    if own.cost is not None:
        yield f" ip ospf cost {own.cost}"


def _spelled(kind: int, value: str) -> str:
    """A key as it is stored: type 0 is not told."""
    return f"7 {value}" if kind == 7 else value
