"""`tunnel …` under `interface TunnelN`, and how a tunnel is shown."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.ip.config import ip_mtu
from iosemu.ip.stack import IpStack
from iosemu.subjects.crypto.config.smart_defaults import ipsec_profile
from iosemu.subjects.tunnel.clones import TEMPLATE
from iosemu.subjects.tunnel.config import Tunnel, TunnelMode
from iosemu.subjects.tunnel.flexclients import FlexClients, named_clients
from iosemu.subjects.tunnel.service import Tunnels


def _tunnel(context: Context) -> Tunnel:
    tunnel: Tunnel | None = context.edited(InterfaceConfig).held(Tunnel)
    if tunnel is None:
        raise CommandError(Tunnel.refusal(None))
    return tunnel


def protection(context: Context, profile: str | None = None, shared: bool = False) -> None:
    """`[no] tunnel protection ipsec profile P [shared]`."""
    tunnel = _tunnel(context)
    if not context.off and ipsec_profile(context.device, profile) is None:
        raise CommandError(f"%{context.edited(InterfaceConfig).name}: IPsec profile {profile} does not exist")
    tunnel.protection = None if context.off else profile
    tunnel.shared = shared and not context.off


def mode(context: Context, kind: str = "gre ip") -> None:
    """`[no] tunnel mode gre ip|gre multipoint|ipsec ipv4`: many far ends leave no room for a destination."""
    tunnel = _tunnel(context)
    wanted = TunnelMode.GRE if context.off else TunnelMode(kind)
    if wanted is TunnelMode.MULTIPOINT and context.edited(InterfaceConfig).name.startswith(TEMPLATE):
        raise CommandError("Tunnel set mode failed. p2mp tunnels cannot be made from a template.")
    if wanted is TunnelMode.MULTIPOINT and (tunnel.destination is not None or tunnel.dynamic):
        raise CommandError("Tunnel set mode failed. p2mp tunnels cannot have a tunnel destination.")
    tunnel.mode = wanted


def source(context: Context, origin: IPv4Address | str | None = None) -> None:
    """`[no] tunnel source (A | INTERFACE)`."""
    tunnel = _tunnel(context)
    tunnel.source, tunnel.source_dynamic = None if context.off else origin, False


def source_dynamic(context: Context) -> None:
    """`[no] tunnel source dynamic`: as the client profile of the tunnel says."""
    tunnel = _tunnel(context)
    if tunnel.source_dynamic == context.off:
        tunnel.source = None
    tunnel.source_dynamic = not context.off


def destination(context: Context, far: IPv4Address | None = None) -> None:
    """`[no] tunnel destination A`."""
    tunnel = _tunnel(context)
    if tunnel.multipoint and not context.off:
        raise CommandError("% Tunnel destination cannot be configured on p2mp tunnels.")
    tunnel.destination = None if context.off else far
    tunnel.dynamic = False


def destination_dynamic(context: Context) -> None:
    """`[no] tunnel destination dynamic`: as the client profile of the tunnel says."""
    tunnel = _tunnel(context)
    if tunnel.multipoint and not context.off:
        raise CommandError("% Tunnel destination cannot be configured on p2mp tunnels.")
    if tunnel.dynamic == context.off:
        tunnel.destination = None
    tunnel.dynamic = not context.off


def vrf(context: Context, vrf: str = "") -> None:
    """`[no] tunnel vrf NAME`: the routing instance of the tunnel's packets."""
    tunnel = _tunnel(context)
    if not context.off and context.device.service(IpStack).find_vrf(vrf) is None:
        raise CommandError(f"% VRF {vrf} not configured.")
    tunnel.vrf = "" if context.off else vrf


def describe(router: Device, name: str, tunnel: Tunnel) -> Iterator[str]:
    """The lines of `show interfaces TunnelN` from its encapsulation to its protection."""
    if tunnel.template:
        yield "  Encapsulation TUNNEL"
        yield f"  Tunnel vaccess, cloned from {tunnel.template}"
        yield "  Vaccess status 0x4, loopback not set"
    else:
        yield "  Encapsulation TUNNEL, loopback not set"
    if tunnel.keepalive is None:
        yield "  Keepalive not set"
    else:
        yield f"  Keepalive set ({tunnel.keepalive} sec), retries {tunnel.retries}"
    why = router.service(Tunnels).lines.why_down(name)
    yield f"  Tunnel linestate evaluation {f'down - {why}' if why else 'up'}"
    yield _ends(router, name, tunnel)
    if tunnel.mode is TunnelMode.IPSEC:
        yield "  Tunnel protocol/transport IPSEC/IP"
    else:
        yield f"  Tunnel protocol/transport {'multi-GRE' if tunnel.multipoint else 'GRE'}/IP"
        yield f"    Key {'disabled' if tunnel.key is None else hex(tunnel.key)}, sequencing disabled"
        yield f"    Checksumming of packets {'enabled' if tunnel.checksum else 'disabled'}"
    if tunnel.vrf:
        yield f'  Tunnel transport VRF "{tunnel.vrf}"'
    yield f"  Tunnel TTL {tunnel.ttl}{', Fast tunneling enabled' if tunnel.gre else ''}"
    if tunnel.path_mtu_discovery:
        yield "  Path MTU Discovery, ager 10 mins, min MTU 92"
    yield f"  Tunnel transport MTU {ip_mtu(router.config.interfaces[name])} bytes"
    yield "  Tunnel transmit bandwidth 8000 (kbps)"
    yield "  Tunnel receive bandwidth 8000 (kbps)"
    if tunnel.protection is not None:
        shared = ", shared" if tunnel.shared else ""
        yield f'  Tunnel protection via IPSec (profile "{tunnel.protection}"{shared})'


def _ends(router: Device, name: str, tunnel: Tunnel) -> str:
    address = router.service(Tunnels).source_of(name)
    if tunnel.source is None:
        source = "UNKNOWN"
    elif isinstance(tunnel.source, IPv4Address):
        source = str(tunnel.source)
    else:
        source = f"{address or 'UNKNOWN'} ({tunnel.source})"
    far = f", destination {tunnel.destination}" if tunnel.destination is not None else ""
    return f"  Tunnel source {source}{far}"


def connect(context: Context, name: str | None = None) -> None:
    """`crypto ikev2 client flexvpn connect [NAME]`."""
    for each in named_clients(context, name):
        context.device.service(FlexClients).connect(each)


def clear(context: Context, name: str | None = None) -> None:
    """`clear crypto ikev2 client flexvpn [NAME]`."""
    for each in named_clients(context, name):
        context.device.service(FlexClients).clear(each)
