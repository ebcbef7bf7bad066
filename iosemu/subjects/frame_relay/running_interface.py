"""Frame Relay under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import InterfaceSection
from iosemu.packets.frame_relay import LmiType
from iosemu.subjects.frame_relay.config import FrameRelaySettings

_WORDS = {LmiType.CISCO: "cisco", LmiType.ANSI: "ansi", LmiType.Q933A: "q933a"}


def _lines(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    settings = config.held(FrameRelaySettings)
    if settings is None:
        return
    for address, each in settings.maps.items():
        how = f" {each.encapsulation}" if each.encapsulation else ""
        yield f" frame-relay map ip {address} {each.dlci}{' broadcast' * each.broadcast}{how}"
    for dlci in settings.circuits:
        yield f" frame-relay interface-dlci {dlci}"
    if not settings.inverse_arp:
        yield " no frame-relay inverse-arp"
    if settings.lmi_type is not None:
        yield f" frame-relay lmi-type {_WORDS[settings.lmi_type]}"
    if settings.network:
        yield " frame-relay intf-type dce"
    for dlci, (out, other) in sorted(settings.routes.items()):
        yield f" frame-relay route {dlci} interface {out} {other}"


SECTIONS = (InterfaceSection("frame-relay", _lines),)
