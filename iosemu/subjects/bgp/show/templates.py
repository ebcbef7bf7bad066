"""`show ip bgp template peer-session|peer-policy` and `show ip bgp neighbors A policy` (the captures of both)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.bgp.config import BgpConfig, Neighbor, Router, Template
from iosemu.subjects.bgp.running import family_lines, session_lines
from iosemu.subjects.bgp.show.table import active, instances_of

_SESSION_BITS = {
    "remote_as": 0x1, "password": 0x4, "shutdown": 0x8, "ebgp_multihop": 0x10, "timers": 0x20, "passive": 0x40,
    "update_source": 0x80, "description": 0x100, "two_octets": 0x400, "local_as": 0x2000,
    "ttl_security": 0x40000, "fall_over": 0x100000, "disable_connected_check": 0x400000,
}  # fmt: skip
_POLICY_BITS = {
    "route_map_in": 0x1, "route_map_out": 0x2, "prefix_in": 0x4, "prefix_out": 0x8, "filter_in": 0x10,
    "filter_out": 0x20, "distribute_in": 0x40, "distribute_out": 0x80, "default_originate": 0x200,
    "soft_reconfiguration": 0x400, "weight": 0x800, "remove_private_as": 0x1000, "unsuppress_map": 0x2000,
    "route_reflector_client": 0x4000, "next_hop_self": 0x8000, "maximum_prefix": 0x10000,
    "next_hop_unchanged": 0x20000, "advertisement_interval": 0x40000, "as_override": 0x80000,
    "allowas_in": 0x200000, "send_community": 0x400000, "send_extended": 0x20000000, "advertise_map": 0x40000000,
}  # fmt: skip
_NOT_TOLD = ("inherit peer-session", "inherit peer-policy")


def show_templates(context: Context, kind: str, name: str | None = None) -> Iterator[str]:
    """`show ip bgp template peer-session|peer-policy [NAME]`."""
    active(context.device)
    router = context.device.config.of(BgpConfig).router
    assert router is not None
    policy = kind == "peer-policy"
    known = router.templates.policies if policy else router.templates.sessions
    if name is not None and name not in known:
        raise CommandError(f"% No such template {name}")
    chosen = [(each, known[each]) for each in known if name in (None, each)]
    return _policies(router, chosen) if policy else _sessions(router, chosen)


def _sessions(router: Router, chosen: list[tuple[str, Template]]) -> Iterator[str]:
    for name, each in chosen:
        inherited = _inherited(router.templates.under(each), each)
        yield f"Template:{name}, index:{each.index}"
        yield (
            f"Local policies:0x{_bits(each, _SESSION_BITS):X}, "
            f"Inherited polices:0x{_bits(inherited, _SESSION_BITS):X}"
        )
        yield "Locally configured session commands:"
        yield from (f" {line}" for line in _told(session_lines(each, router.as_text)))
        yield "Inherited session commands:"
        yield from (f" {line}" for line in _told(session_lines(inherited, router.as_text)))
        yield ""


def _policies(router: Router, chosen: list[tuple[str, Template]]) -> Iterator[str]:
    for name, each in chosen:
        inherited = _inherited(router.templates.under(each), each)
        yield f"Template:{name}, index:{each.index}."
        yield (
            f"Local policies:0x{_bits(each, _POLICY_BITS):X}, "
            f"Inherited polices:0x{_bits(inherited, _POLICY_BITS):X}"
        )
        yield "Local disable policies:0x0, Inherited disable policies:0x0"
        yield "Locally configured policies:"
        yield from (f"  {line}" for line in _told(family_lines(each)))
        yield "Inherited policies:"
        yield from (f"  {line}" for line in _told(family_lines(inherited)))
        yield ""


def _told(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line.startswith("password"):
            yield "password is configured"
        elif not line.startswith(_NOT_TOLD):
            yield line


def _inherited(counting: Neighbor, own: Neighbor) -> Neighbor:
    """What counts for a template or neighbor and is not its own."""
    made = Neighbor()
    for each in fields(Neighbor):
        value = getattr(counting, each.name)
        if value != getattr(own, each.name):
            setattr(made, each.name, value)
    return made


def _bits(each: Neighbor, bits: dict[str, int]) -> int:
    """The settings as the flags that IOS prints; which flag is whose is known of some alone."""
    return sum(bit for name, bit in bits.items() if getattr(each, name) not in (None, False))


def show_policy(context: Context, address: IPv4Address, vpnv4: bool = False, vrf: str = "") -> Iterator[str]:
    """`show ip bgp neighbors A policy`: what of the address family is a neighbor's own, and what it inherits."""
    instances = instances_of(context.device, vpnv4, vrf)
    found = next((each for each in instances if address in each.family.neighbors), None)
    if found is None:
        raise CommandError(f"% No such neighbor {address}")
    family, own = found.family, found.family.neighbors[address]
    what = f"VPNv4 Unicast ({family.vrf})" if family.vrf else "IPv4 Unicast"
    yield f" Neighbor: {address}, Address-Family: {what}"
    inherited = _inherited(family.effective(address), own)
    for title, lines in (
        ("Locally configured policies:", family_lines(own)),
        ("Inherited polices:", family_lines(inherited)),
    ):
        if told := list(_told(lines)):
            yield f" {title}"
            yield from (f"  {line}" for line in told)
