"""802.1X in the running configuration, in the words of the image."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.subjects.dot1x.config import (
    ATTEMPTS,
    FORCE_AUTHORIZED,
    REAUTHENTICATE,
    SINGLE,
    Dot1xConfig,
    Dot1xPort,
    Dot1xStyle,
)


def global_lines(device: Device, _render: Render) -> Iterator[str]:
    """`dot1x …`."""
    config: Dot1xConfig = device.config.of(Dot1xConfig)
    if config.enabled:
        yield "dot1x system-auth-control"
    if config.guest_supplicant:
        yield "dot1x guest-vlan supplicant"
    if config.critical_eapol:
        yield "dot1x critical eapol"


def authentication_lines(device: Device, config: InterfaceConfig) -> Iterator[str]:
    """`authentication …` and `mab` of a port."""
    port = config.held(Dot1xPort)
    if port is None or not device.image.style(Dot1xStyle).authentication:
        return
    lead = " authentication"
    if port.inbound:
        yield f"{lead} control-direction in"
    if port.fail_vlan is not None:
        retry = f" retry {port.fail_attempts - 1}" if port.fail_attempts != ATTEMPTS else ""
        yield f"{lead} event fail{retry} action authorize vlan {port.fail_vlan}"
    if port.fail_next:
        yield f"{lead} event fail action next-method"
    if port.dead_authorize:
        vlan = f" vlan {port.dead_vlan}" if port.dead_vlan is not None else ""
        yield f"{lead} event server dead action authorize{vlan}"
    if port.guest_vlan is not None:
        yield f"{lead} event no-response action authorize vlan {port.guest_vlan}"
    if port.alive_reinitialize:
        yield f"{lead} event server alive action reinitialize"
    if port.host_mode != SINGLE:
        yield f"{lead} host-mode {port.host_mode}"
    if port.open:
        yield f"{lead} open"
    if port.order:
        yield f"{lead} order {' '.join(port.order)}"
    if port.priority:
        yield f"{lead} priority {' '.join(port.priority)}"
    if port.control != FORCE_AUTHORIZED:
        yield f"{lead} port-control {port.control}"
    if port.periodic:
        yield f"{lead} periodic"
    if port.reauthenticate_server:
        yield f"{lead} timer reauthenticate server"
    elif port.reauthenticate != REAUTHENTICATE:
        yield f"{lead} timer reauthenticate {port.reauthenticate}"
    if port.restart != Dot1xPort.restart:
        yield f"{lead} timer restart {port.restart}"
    if port.violation != Dot1xPort.violation:
        yield f"{lead} violation {port.violation}"
    if port.mab:
        yield " mab"


def dot1x_lines(device: Device, config: InterfaceConfig) -> Iterator[str]:
    """`dot1x …` of a port: all of it in images that have no Authentication Manager."""
    port = config.held(Dot1xPort)
    if port is None:
        return
    old = not device.image.style(Dot1xStyle).authentication
    if port.authenticator:
        yield " dot1x pae authenticator"
    if old:
        yield from _old_lines(port)
    for name, value in (
        ("timeout quiet-period", port.quiet if port.quiet != Dot1xPort.quiet else None),
        ("timeout server-timeout", port.server or None),
        ("timeout tx-period", port.tx if port.tx != Dot1xPort.tx else None),
        ("timeout supp-timeout", port.supplicant if port.supplicant != Dot1xPort.supplicant else None),
        ("max-req", port.max_request if port.max_request != Dot1xPort.max_request else None),
        ("max-reauth-req", port.max_reauth if port.max_reauth != Dot1xPort.max_reauth else None),
    ):
        if value is not None:
            yield f" dot1x {name} {value}"


def _old_lines(port: Dot1xPort) -> Iterator[str]:
    if port.mab:
        yield " dot1x mac-auth-bypass"
    if port.control != FORCE_AUTHORIZED:
        yield f" dot1x port-control {port.control}"
    if port.host_mode != SINGLE:
        yield f" dot1x host-mode {port.host_mode}"
    if port.reauthenticate_server:
        yield " dot1x timeout reauth-period server"
    elif port.reauthenticate != REAUTHENTICATE:
        yield f" dot1x timeout reauth-period {port.reauthenticate}"
    if port.periodic:
        yield " dot1x reauthentication"
    if port.guest_vlan is not None:
        yield f" dot1x guest-vlan {port.guest_vlan}"
    if port.fail_vlan is not None:
        yield f" dot1x auth-fail vlan {port.fail_vlan}"
    if port.fail_attempts != ATTEMPTS:
        yield f" dot1x auth-fail max-attempts {port.fail_attempts}"
    if port.violation != Dot1xPort.violation:
        yield f" dot1x violation-mode {port.violation}"
