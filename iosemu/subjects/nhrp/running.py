"""NHRP in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.nhrp.settings import ServerSettings
from iosemu.subjects.nhrp.config import DmvpnLogging, NhrpPort


def logging_lines(device: Device, _render: Render) -> Iterator[str]:
    """`logging dmvpn`."""
    logging = device.config.of(DmvpnLogging)
    if logging.enabled:
        limit = f" rate-limit {logging.rate_limit}" if logging.rate_limit is not None else ""
        yield f"logging dmvpn{limit}"


def server_words(settings: ServerSettings) -> str:
    """What stands behind the address of a server."""
    words = f" nbma {settings.nbma}" if settings.nbma is not None else ""
    words += " multicast" if settings.multicast else ""
    words += f" priority {settings.priority}" if settings.priority else ""
    return words + (f" cluster {settings.cluster}" if settings.cluster else "")


def port_lines(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    """`ip nhrp …`."""
    port = config.held(NhrpPort)
    if port is None:
        return
    if port.authentication:
        yield f" ip nhrp authentication {port.authentication}"
    if port.multicast_dynamic:
        yield " ip nhrp map multicast dynamic"
    for nbma in port.multicast:
        yield f" ip nhrp map multicast {nbma}"
    for address, nbma in port.maps.items():
        yield f" ip nhrp map {address} {nbma}"
    if port.network_id is not None:
        yield f" ip nhrp network-id {port.network_id}"
    if port.holding is not None:
        yield f" ip nhrp holdtime {port.holding}"
    for address, settings in port.servers.items():
        yield f" ip nhrp nhs {address}{server_words(settings)}"
    for cluster, most in sorted(port.max_connections.items()):
        yield f" ip nhrp nhs cluster {cluster} max-connections {most}"
    if port.fallback is not None:
        yield f" ip nhrp nhs fallback {port.fallback}"
    if not port.unique:
        yield " ip nhrp registration no-unique"
    if port.registration is not None:
        yield f" ip nhrp registration timeout {port.registration}"
    if port.server_only:
        yield " ip nhrp server-only"
    if port.shortcut:
        yield " ip nhrp shortcut"
    if port.redirect:
        interval = f" timeout {port.redirect_interval}" if port.redirect_interval is not None else ""
        yield f" ip nhrp redirect{interval}"
