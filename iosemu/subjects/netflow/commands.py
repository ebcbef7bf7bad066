"""What is typed of NetFlow."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Effect, Enter
from iosemu.subjects.netflow.config import DESTINATIONS, FlowPort, NetflowConfig, TopTalkers
from iosemu.subjects.netflow.service import Netflow


def _config(context: Context) -> NetflowConfig:
    return context.device.config.of(NetflowConfig)


def ip_flow(context: Context, direction: str) -> None:
    """`[no] ip flow ingress | egress`."""
    setattr(context.edited(InterfaceConfig).of(FlowPort), direction, not context.off)


def route_cache_flow(context: Context) -> None:
    """`[no] ip route-cache flow`."""
    context.edited(InterfaceConfig).of(FlowPort).route_cache = not context.off


def cache_entries(context: Context, count: int = 4096) -> None:
    """`ip flow-cache entries N`."""
    _config(context).entries = NetflowConfig().entries if context.off else count


def cache_active(context: Context, minutes: int = 30) -> None:
    """`ip flow-cache timeout active N`."""
    _config(context).active = NetflowConfig().active if context.off else minutes


def cache_inactive(context: Context, seconds: int = 15) -> None:
    """`ip flow-cache timeout inactive N`."""
    _config(context).inactive = NetflowConfig().inactive if context.off else seconds


def export_version(context: Context, number: str = "1") -> None:
    """`ip flow-export version 1 | 5 | 9`."""
    config = _config(context)
    config.version = 1 if context.off else int(number)
    config.version_typed = not context.off


def export_source(context: Context, interface: str = "") -> None:
    """`ip flow-export source X`."""
    _config(context).source = "" if context.off else interface


def export_destination(context: Context, address: IPv4Address, port: int) -> None:
    """`ip flow-export destination A PORT`."""
    destinations = _config(context).destinations
    if context.off:
        if (address, port) in destinations:
            destinations.remove((address, port))
        return
    if (address, port) in destinations:
        return
    if len(destinations) >= DESTINATIONS:
        raise CommandError(f"% Exceeded maximum export destinations ({DESTINATIONS})")
    destinations.append((address, port))


def template_refresh(context: Context, packets: int = 20) -> None:
    """`ip flow-export template refresh-rate N`."""
    _config(context).refresh = NetflowConfig().refresh if context.off else packets


def template_timeout(context: Context, minutes: int = 30) -> None:
    """`ip flow-export template timeout-rate N`."""
    _config(context).template_timeout = NetflowConfig().template_timeout if context.off else minutes


def top_talkers(context: Context) -> list[Effect]:
    """`[no] ip flow-top-talkers`."""
    config = _config(context)
    if context.off:
        config.top_talkers = None
        return []
    if config.top_talkers is None:
        config.top_talkers = TopTalkers()
    return [Enter("config-flow-top-talkers", config.top_talkers)]


def top(context: Context, count: int = 0) -> None:
    """`top N`."""
    context.edited(TopTalkers).top = None if context.off else count


def sort_by(context: Context, order: str = "") -> None:
    """`sort-by bytes | packets`."""
    context.edited(TopTalkers).sort_by = "" if context.off else order


def cache_timeout(context: Context, milliseconds: int = 5000) -> None:
    """`cache-timeout N`."""
    context.edited(TopTalkers).cache_timeout = TopTalkers().cache_timeout if context.off else milliseconds


def clear_stats(context: Context) -> None:
    """`clear ip flow stats`."""
    context.device.service(Netflow).clear()
