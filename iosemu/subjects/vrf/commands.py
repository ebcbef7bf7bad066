"""`ip vrf`, `vrf definition`, and the interfaces in them."""

from __future__ import annotations

from iosemu.box.interface_config import InterfaceConfig
from iosemu.bridging.switchport import Switchport
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Effect, Enter, Leave, Output
from iosemu.ip.config import IpSettings, VrfForwarding
from iosemu.ip.dhcp import AddressClients
from iosemu.subjects.routing.config import RoutesConfig
from iosemu.subjects.vrf.config import AddressFamily, RouteTargets, VrfDefinition, VrfsConfig, VrfStyle


def ip_vrf(context: Context, name: str) -> list[str | Effect]:
    """`[no] ip vrf NAME`."""
    return _vrf(context, name, by_family=False)


def vrf_definition(context: Context, name: str) -> list[str | Effect]:
    """`[no] vrf definition NAME`."""
    return _vrf(context, name, by_family=True)


def _vrf(context: Context, name: str, *, by_family: bool) -> list[str | Effect]:
    config = context.device.config.of(VrfsConfig)
    found = config.vrfs.get(name)
    if found is not None and found.by_family is not by_family:
        raise CommandError(
            f"% Use '{'vrf definition' if found.by_family else 'ip vrf'}' command for VRF '{name}'"
        )
    if context.off:
        if found is None:
            raise CommandError(f"% No VRF named {name} exists")
        return _remove(context, found)
    if len(name) > 32:
        raise CommandError("% VRF name is too long, at most 32 characters")
    mode = "config-vrf-definition" if by_family else "config-vrf"
    return [Enter(mode, found or config.make(name, by_family))]


def _remove(context: Context, vrf: VrfDefinition) -> list[str | Effect]:
    device = context.device
    emptied = False
    for config in device.config.interfaces.values():
        settings = config.held(VrfForwarding)
        if settings is not None and settings.name == vrf.name:
            emptied = _clear_addresses(context, config) or emptied
            settings.name = ""
    device.config.of(RoutesConfig).remove_vrf(vrf.name)
    del device.config.of(VrfsConfig).vrfs[vrf.name]
    kinds = "IPv4 and IPv6" if vrf.by_family else "IPv4" if _families(context) else "IP"
    return [f"% {kinds} addresses from all interfaces in VRF {vrf.name} have been removed"] if emptied else []


def _families(context: Context) -> bool:
    return context.device.image.style(VrfStyle).families


def _clear_addresses(context: Context, config: InterfaceConfig) -> bool:
    """Take the addresses of an interface away; whether there were any."""
    settings = config.of(IpSettings)
    if settings.dhcp:
        context.device.service(AddressClients).give_up(config.name)
    had = settings.dhcp or bool(settings.addresses)
    settings.remove_addresses()
    return had


def ip_vrf_forwarding(context: Context, name: str = "") -> Output:
    """`[no] ip vrf forwarding NAME`, under an interface."""
    return _forwarding(context, name, by_family=False)


def vrf_forwarding(context: Context, name: str = "") -> Output:
    """`[no] vrf forwarding NAME`, under an interface."""
    return _forwarding(context, name, by_family=True)


def _forwarding(context: Context, name: str, *, by_family: bool) -> Output:
    config: InterfaceConfig = context.target
    settings = config.of(VrfForwarding)
    before = settings.name
    if context.off:
        if name and name != before:
            raise CommandError(f"% Interface {config.name} is not in VRF {name}")
        name = ""
    else:
        if config.held(Switchport) is not None:
            raise CommandError("% VRF forwarding may not be configured on L2 links.")
        vrf = context.device.config.of(VrfsConfig).vrfs.get(name)
        if vrf is None:
            raise CommandError(f"% VRF {name} not configured.")
        if vrf.by_family and not by_family:
            raise CommandError(f"% Use 'vrf forwarding' command for VRF '{name}'")
    if name == before:
        return None
    first = config.of(IpSettings).address
    had = _clear_addresses(context, config)
    settings.name = name
    if not had:
        return None
    why = f"removed due to {'enabling' if name else 'disabling'} VRF {name or before}"
    if _families(context):
        return f"% Interface {config.name} IPv4 disabled and address(es) {why}"
    return f"% Interface {config.name} IP address {first.ip if first is not None else 'DHCP'} {why}"


def rd(context: Context, value: str = "") -> None:
    """`rd ASN:NN | A.B.C.D:NN`: no two VRFs have the same, and it stays as long as its VRF does."""
    vrf = context.edited(VrfDefinition)
    if context.off:
        if vrf.rd is not None and not _families(context):
            raise CommandError('% Do "no ip vrf " before redefining the VRF')
        vrf.rd = None
        return
    if vrf.rd == value:
        return
    if vrf.rd is not None:
        raise CommandError('% Do "no ip vrf " before redefining the VRF')
    if any(each.rd == value for each in context.device.config.of(VrfsConfig).vrfs.values()):
        raise CommandError("% Cannot set RD, check if it's unique")
    vrf.rd = value


def description(context: Context, text: str = "") -> None:
    """`description LINE`."""
    context.edited(VrfDefinition).description = "" if context.off else text


def _targets(context: Context) -> RouteTargets:
    target = context.target
    return target.targets if isinstance(target, AddressFamily) else context.edited(VrfDefinition).common


def route_target(context: Context, value: str = "", direction: str = "both") -> None:
    """`[no] route-target [import | export | both] VALUE`."""
    targets = _targets(context)
    for words, known in (("export", targets.exported), ("import", targets.imported)):
        if direction not in ("both", words):
            continue
        if context.off:
            known[:] = [each for each in known if value not in ("", each)]
        elif value not in known:
            known.append(value)


def maximum_routes(
    context: Context, limit: int = 0, threshold: int | None = None, warning_only: bool = False
) -> None:
    """`[no] maximum routes LIMIT (PER-CENT | warning-only)`."""
    targets = _targets(context)
    targets.maximum = None if context.off else limit
    targets.threshold = None if context.off else threshold


def address_family(context: Context, family: str) -> list[str | Effect]:
    """`[no] address-family ipv4 | ipv6` of `vrf definition`."""
    vrf = context.edited(VrfDefinition)
    if not context.off:
        return [Enter("config-vrf-af", vrf.families.setdefault(family, AddressFamily(vrf.name, family)))]
    if vrf.families.pop(family, None) is None or family != "ipv4":
        return []
    emptied = False
    for config in context.device.config.interfaces.values():
        settings = config.held(VrfForwarding)
        if settings is not None and settings.name == vrf.name:
            emptied = _clear_addresses(context, config) or emptied
    context.device.config.of(RoutesConfig).remove_vrf(vrf.name)
    return [f"% IPv4 addresses from all interfaces in VRF {vrf.name} have been removed"] if emptied else []


def exit_address_family(context: Context) -> list[Effect]:
    """`exit-address-family`."""
    return [Leave()]


def upgrade_cli(context: Context, policies: str, name: str = "") -> Output:
    """`vrf upgrade-cli multi-af-mode …`: VRFs made by `ip vrf` become those of `vrf definition`."""
    vrfs = context.device.config.of(VrfsConfig).vrfs
    if name and name not in vrfs:
        raise CommandError(f"% VRF {name} not configured.")
    changed = [vrf for vrf in vrfs.values() if not vrf.by_family and name in ("", vrf.name)]
    for vrf in changed:
        vrf.by_family = True
        family = vrf.families["ipv4"] = AddressFamily(vrf.name, "ipv4")
        if policies == "non-common-policies":
            family.targets, vrf.common = vrf.common, RouteTargets()
        else:
            family.targets.maximum, vrf.common.maximum = vrf.common.maximum, None
            family.targets.threshold = vrf.common.threshold
    return f"Number of VRFs upgraded: {len(changed)}"
