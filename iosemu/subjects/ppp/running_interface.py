"""PPP under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import InterfaceSection
from iosemu.subjects.ppp.config import PppSettings


def _peer(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    settings = config.held(PppSettings)
    if settings is None:
        return
    if settings.peer_address is not None:
        yield f" peer default ip address {settings.peer_address}"
    if not settings.neighbor_route:
        yield " no peer neighbor-route"


def _ppp(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    settings = config.held(PppSettings)
    if settings is None:
        return
    if settings.authentication:
        words = [*settings.authentication, "callin" * settings.callin, settings.list_name]
        yield f" ppp authentication {' '.join(word for word in words if word)}"
    if settings.chap_hostname:
        yield f" ppp chap hostname {settings.chap_hostname}"
    if settings.chap_password is not None:
        yield f" ppp chap password {settings.chap_password}"
    if settings.chap_refuse:
        yield " ppp chap refuse"
    if settings.pap_password is not None:
        yield f" ppp pap sent-username {settings.pap_name} password {settings.pap_password}"
    if settings.pap_refuse:
        yield " ppp pap refuse"
    for what, value in sorted(settings.limits.items()):
        word = f"timeout {what}" if what in ("authentication", "retry") else f"max-{what}"
        yield f" ppp {word} {value}"
    if settings.quality:
        yield f" ppp quality {settings.quality}"
    if settings.multilink:
        yield " ppp multilink"
    if settings.endpoint:
        yield f" ppp multilink endpoint string {settings.endpoint}"
    if settings.group is not None:
        yield f" ppp multilink group {settings.group}"
    if not settings.fragment:
        yield " ppp multilink fragment disable"
    if settings.fragment_delay is not None:
        yield f" ppp multilink fragment delay {settings.fragment_delay}"


SECTIONS = (InterfaceSection("peer", _peer), InterfaceSection("ppp", _ppp))
