"""`clear dmvpn …`: what the shows of DMVPN list, taken down."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.nhrp.cache import Origin
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.nhrp.commands import clear_counters
from iosemu.subjects.nhrp.service import Nhrp
from iosemu.subjects.nhrp.show.cache import entries
from iosemu.subjects.nhrp.show.dmvpn import Wanted


def clear(
    context: Context,
    nbma: IPv4Address | None = None,
    address: IPv4Address | None = None,
    interface: str = "",
    vrf: str | None = None,
    static: bool = False,
) -> None:
    """`clear dmvpn session …`: what was learned is forgotten, and the SAs with those far ends end.

    Far ends that are configured keep theirs, unless `static` is typed.
    """
    wanted = Wanted(interface, vrf, nbma, address)
    nhrp, crypto = context.device.service(Nhrp), context.device.service(CryptoEngine)
    ends: dict[IPv4Address, None] = {}
    for engine in wanted.engines(context):
        for entry in entries(engine):
            if not wanted.keeps(entry) or entry.local or (entry.origin is Origin.STATIC and not static):
                continue
            if entry.nbma is not None:
                ends[entry.nbma] = None
            nhrp.forget(engine, entry.network.network_address)
    for each in ends:
        crypto.clear(peer=each)
        crypto.clear_isakmp(peer=each)
        crypto.clear_ikev2(peer=each)


def clear_statistics(context: Context, interface: str = "") -> None:
    """`clear dmvpn statistics [interface X]`: the counters of NHRP, and those of the SAs."""
    clear_counters(context, interface)
    if not interface:
        context.device.service(CryptoEngine).clear_counters()
