"""`neighbor WHO …`: WHO is an address or a peer group."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.handling.passwords import make_password
from iosemu.ip.stack import IpStack
from iosemu.routing.bgp.config import LocalAs
from iosemu.subjects.bgp.commands.router import checked_timers
from iosemu.subjects.bgp.config import AdvertiseMap, BgpConfig, Family, Neighbor, Template

Who = IPv4Address | str
TEMPLATE = ""
"""Nobody in particular: what is typed is of the template whose mode it is."""


def _found(context: Context, who: Who) -> Neighbor:
    """The neighbor, group or template; CommandError where `remote-as` or `peer-group` must come first."""
    if who == TEMPLATE:
        return context.edited(Neighbor)
    router = context.edited(Family)
    found = router.neighbors.get(who) if isinstance(who, IPv4Address) else router.groups.get(who)
    if found is None:
        raise CommandError("% Specify remote-as or peer-group commands first")
    return found


def remote_as(context: Context, who: Who = TEMPLATE, number: int = 0) -> None:
    """`[no] neighbor WHO remote-as N`; without it a neighbor is gone."""
    if isinstance(who, str):
        group = _found(context, who)
        group.remote_as = None if context.off else number
        return
    router = context.edited(Family)
    if context.off:
        router.neighbors.pop(who, None)
        return
    table = context.device.service(IpStack).find_vrf(router.vrf)
    if table is not None and table.is_local(who):
        raise CommandError("% Cannot configure the local system as neighbor")
    if who.is_multicast or int(who) in (0, 0xFFFFFFFF):
        raise CommandError("% Invalid neighbor address")
    known = router.neighbors.get(who)
    if known is not None and known.peer_group is not None and _group_as(router, known) is not None:
        raise CommandError("% Peer-group AS already set; neighbor remote-as not allowed")
    router.neighbors.setdefault(who, Neighbor(active=router.default_active)).remote_as = number


def _group_as(router: Family, neighbor: Neighbor) -> int | None:
    group = router.groups.get(neighbor.peer_group or "")
    return group.remote_as if group is not None else None


def make_group(context: Context, who: str) -> None:
    """`[no] neighbor NAME peer-group`; its members go with it where it told their AS."""
    router = context.edited(Family)
    if not context.off:
        router.groups.setdefault(who, Neighbor())
        return
    router.groups.pop(who, None)
    for address, each in list(router.neighbors.items()):
        if each.peer_group == who:
            each.peer_group = None
            if each.remote_as is None:
                del router.neighbors[address]


def join_group(context: Context, who: IPv4Address, group: str) -> None:
    """`[no] neighbor A peer-group NAME`."""
    router = context.edited(Family)
    known = router.neighbors.get(who)
    if context.off:
        if known is not None and known.peer_group == group:
            known.peer_group = None
            if known.remote_as is None:
                del router.neighbors[who]
        return
    found = router.groups.get(group)
    if found is None:
        raise CommandError("% Configure the peer-group first")
    if known is not None and (known.inherit_session is not None or known.inherit_policy is not None):
        raise CommandError("% Cannot join a peer-group, already inherits from a template")
    if known is None:
        if found.remote_as is None:
            raise CommandError("% Specify remote-as or peer-group remote AS first")
        known = router.neighbors[who] = Neighbor(active=router.default_active)
    known.peer_group = group


def inherit_session(context: Context, name: str, who: Who = TEMPLATE) -> None:
    """`[no] [neighbor WHO] inherit peer-session NAME`: its settings count where there are none of one's own."""
    if context.off:
        _found(context, who).inherit_session = None
        return
    family = _family(context)
    template = family.templates.sessions.get(name)
    if isinstance(who, IPv4Address):
        found = family.neighbors.get(who)
        if found is None:
            if template is None or family.templates.under(template).remote_as is None:
                raise CommandError("% Specify remote-as or peer-group commands first")
            found = family.neighbors[who] = Neighbor(active=family.default_active)
        if found.peer_group is not None:
            raise CommandError("% Cannot inherit from a template, already a member of a peer-group")
    else:
        found = _found(context, who)
        _not_in_circles(name, found, family.templates.sessions, "inherit_session")
    found.inherit_session = name


def inherit_policy(context: Context, name: str, who: Who = TEMPLATE, sequence: int = 0) -> None:
    """`[no] [neighbor WHO] inherit peer-policy NAME [SEQUENCE]`."""
    found = _found(context, who)
    if context.off:
        found.inherit_policy = None
        return
    if found.peer_group is not None:
        raise CommandError("% Cannot inherit from a template, already a member of a peer-group")
    _not_in_circles(name, found, _family(context).templates.policies, "inherit_policy")
    found.inherit_policy = name
    found.inherit_sequence = sequence


def _family(context: Context) -> Family:
    """What is configured, or that of the router that a template is of."""
    if isinstance(context.target, Template):
        router = context.device.config.of(BgpConfig).router
        assert router is not None
        return router
    return context.edited(Family)


def _not_in_circles(name: str, found: Neighbor, known: Mapping[str, Neighbor], attribute: str) -> None:
    each = known.get(name)
    while each is not None:
        if each is found:
            raise CommandError("% Template cannot inherit itself")
        each = known.get(getattr(each, attribute) or "")


def two_octets(context: Context, who: Who = TEMPLATE) -> None:
    """`[no] neighbor WHO dont-capability-negotiate four-octets-as`."""
    _found(context, who).two_octets = not context.off


def description(context: Context, who: Who = TEMPLATE, text: str | None = None) -> None:
    """`[no] neighbor WHO description TEXT`."""
    _found(context, who).description = None if context.off else text


def password(
    context: Context, who: Who = TEMPLATE, text: str = "", encoding: str = "", rest: str = ""
) -> None:
    """`[no] neighbor WHO password [0|7] TEXT`: signs segments (RFC 2385)."""
    found = _found(context, who)
    found.password = None if context.off else make_password(context, "password", encoding, text)


def shutdown(context: Context, who: Who = TEMPLATE) -> None:
    """`[no] neighbor WHO shutdown`."""
    _found(context, who).shutdown = not context.off


def activate(context: Context, who: Who = TEMPLATE) -> None:
    """`[no] neighbor WHO activate`: IPv4 unicast is spoken with it."""
    found = _found(context, who)
    if isinstance(who, str):
        raise CommandError("% Peergroups are automatically activated when parameters are configured")
    found.active = not context.negated


def update_source(context: Context, who: Who = TEMPLATE, interface: str | None = None) -> None:
    """`[no] neighbor WHO update-source X`."""
    _found(context, who).update_source = None if context.off else interface


def ebgp_multihop(context: Context, who: Who = TEMPLATE, hops: int = 255) -> None:
    """`[no] neighbor WHO ebgp-multihop [N]`."""
    found = _found(context, who)
    if not context.off and found.ttl_security is not None:
        raise CommandError("% BGP: ebgp-multihop and ttl-security are mutually exclusive")
    found.ebgp_multihop = None if context.off else hops


def disable_connected_check(context: Context, who: Who = TEMPLATE) -> None:
    """`[no] neighbor WHO disable-connected-check`."""
    _found(context, who).disable_connected_check = not context.off


def ttl_security(context: Context, who: Who = TEMPLATE, hops: int = 1) -> None:
    """`[no] neighbor WHO ttl-security hops N` (RFC 5082)."""
    found = _found(context, who)
    if not context.off and found.ebgp_multihop is not None:
        raise CommandError("% BGP: ebgp-multihop and ttl-security are mutually exclusive")
    found.ttl_security = None if context.off else hops


def next_hop_self(context: Context, who: Who = TEMPLATE) -> None:
    """`[no] neighbor WHO next-hop-self`."""
    _found(context, who).next_hop_self = not context.off


def route_reflector_client(context: Context, who: Who = TEMPLATE) -> None:
    """`[no] neighbor WHO route-reflector-client`: of peers of our AS."""
    found = _found(context, who)
    if (
        not context.off
        and who != TEMPLATE
        and found.remote_as not in (None, context.edited(Family).as_number)
    ):
        raise CommandError("% Invalid command for an external peer")
    found.route_reflector_client = not context.off


def send_community(context: Context, who: Who = TEMPLATE, kind: str = "standard") -> None:
    """`[no] neighbor WHO send-community [both | extended | standard]`."""
    found = _found(context, who)
    if kind != "extended":
        found.send_community = not context.off
    if kind != "standard":
        found.send_extended = not context.off


def soft_reconfiguration(context: Context, who: Who = TEMPLATE) -> None:
    """`[no] neighbor WHO soft-reconfiguration inbound`."""
    _found(context, who).soft_reconfiguration = not context.off


def weight(context: Context, who: Who = TEMPLATE, weight: int | None = None) -> None:
    """`[no] neighbor WHO weight N`."""
    _found(context, who).weight = None if context.off else weight


def maximum_prefix(
    context: Context,
    who: Who = TEMPLATE,
    count: int | None = None,
    threshold: int | None = None,
    warning_only: bool = False,
    minutes: int | None = None,
) -> None:
    """`[no] neighbor WHO maximum-prefix N [PER-CENT] [warning-only | restart M]`."""
    found = _found(context, who)
    found.maximum_prefix = (count, warning_only, minutes) if count is not None and not context.off else None
    found.maximum_prefix_warning = None if context.off else threshold


def timers(
    context: Context, who: Who = TEMPLATE, keepalive: int = 60, hold: int = 180, least: int | None = None
) -> None:
    """`[no] neighbor WHO timers K H [LEAST]`."""
    _found(context, who).timers = None if context.off else checked_timers(keepalive, hold, least)


def advertisement_interval(context: Context, who: Who = TEMPLATE, interval: int | None = None) -> None:
    """`[no] neighbor WHO advertisement-interval N`."""
    _found(context, who).advertisement_interval = None if context.off else interval


def default_originate(context: Context, who: Who = TEMPLATE, route_map: str | None = None) -> None:
    """`[no] neighbor WHO default-originate [route-map NAME]`."""
    found = _found(context, who)
    found.default_originate = not context.off
    found.default_map = None if context.off else route_map


def local_as(
    context: Context, who: Who = TEMPLATE, number: int = 0, no_prepend: bool = False, replace_as: bool = False
) -> None:
    """`[no] neighbor WHO local-as AS [no-prepend [replace-as]]`: of peers of other ASs."""
    found = _found(context, who)
    own = None if who == TEMPLATE else context.edited(Family).as_number
    if context.off:
        found.local_as = None
        return
    if own is not None and found.remote_as == own:
        raise CommandError("% Local-AS allowed only for EBGP peers")
    if number == own:
        raise CommandError("% Local-AS cannot be the same as BGP AS number")
    if number == found.remote_as:
        raise CommandError("% Local-AS cannot be the same as remote-as")
    found.local_as = LocalAs(number, not no_prepend, replace_as)


def fall_over(context: Context, who: Who = TEMPLATE) -> None:
    """`[no] neighbor WHO fall-over`: the session ends with the route to the neighbor."""
    _found(context, who).fall_over = not context.off


def next_hop_unchanged(context: Context, who: Who = TEMPLATE) -> None:
    """`[no] neighbor WHO next-hop-unchanged`: of neighbors of other ASs that are not on a connected network."""
    found = _found(context, who)
    if not context.off and found.ebgp_multihop is None:
        raise CommandError(
            "% BGP: propagation of unchanged next-hop is only allowed for multi-hop EBGP peers"
        )
    found.next_hop_unchanged = not context.off


def as_override(context: Context, who: Who = TEMPLATE) -> None:
    """`[no] neighbor WHO as-override`: its AS in paths is told as our own."""
    _found(context, who).as_override = not context.off


def unsuppress_map(context: Context, who: Who = TEMPLATE, name: str | None = None) -> None:
    """`[no] neighbor WHO unsuppress-map NAME`: is told what an aggregate stands for."""
    _found(context, who).unsuppress_map = None if context.off else name


def advertise_map(
    context: Context, who: Who = TEMPLATE, name: str = "", kind: str = "exist-map", condition: str = ""
) -> None:
    """`[no] neighbor WHO advertise-map NAME exist-map|non-exist-map NAME`."""
    _found(context, who).advertise_map = (
        None if context.off else AdvertiseMap(name, condition, kind == "exist-map")
    )


def allowas_in(context: Context, who: Who = TEMPLATE, count: int = 3) -> None:
    """`[no] neighbor WHO allowas-in [N]`."""
    _found(context, who).allowas_in = None if context.off else count


def remove_private_as(context: Context, who: Who = TEMPLATE) -> None:
    """`[no] neighbor WHO remove-private-as`."""
    _found(context, who).remove_private_as = not context.off


def passive(context: Context, who: Who = TEMPLATE) -> None:
    """`[no] neighbor WHO transport connection-mode passive`."""
    _found(context, who).passive = not context.off


def distribute_list(context: Context, who: Who = TEMPLATE, acl: str = "", direction: str = "in") -> None:
    """`[no] neighbor WHO distribute-list LIST in|out`."""
    found = _found(context, who)
    if not context.off and getattr(found, f"prefix_{direction}") is not None:
        raise CommandError("% Prefix/distribute list can not co-exist")
    setattr(found, f"distribute_{direction}", None if context.off else acl)


def prefix_list(context: Context, who: Who = TEMPLATE, name: str = "", direction: str = "in") -> None:
    """`[no] neighbor WHO prefix-list LIST in|out`."""
    found = _found(context, who)
    if not context.off and getattr(found, f"distribute_{direction}") is not None:
        raise CommandError("% Prefix/distribute list can not co-exist")
    setattr(found, f"prefix_{direction}", None if context.off else name)


def filter_list(context: Context, who: Who = TEMPLATE, number: int = 0, direction: str = "in") -> None:
    """`[no] neighbor WHO filter-list N in|out`."""
    setattr(_found(context, who), f"filter_{direction}", None if context.off else number)


def route_map(context: Context, who: Who = TEMPLATE, name: str = "", direction: str = "in") -> None:
    """`[no] neighbor WHO route-map NAME in|out`."""
    setattr(_found(context, who), f"route_map_{direction}", None if context.off else name)
