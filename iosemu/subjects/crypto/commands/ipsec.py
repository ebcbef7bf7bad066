"""`crypto ipsec …`, transform sets, and the shows of phase 2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter
from iosemu.ipsec.sadb import AH, ESP
from iosemu.subjects.crypto.commands.built_in import restored
from iosemu.subjects.crypto.config.ipsec import (
    Dummies,
    IpsecBinding,
    IpsecConfig,
    IpsecStyle,
    TransformError,
    TransformSet,
    proposal_of,
    transform_names,
)
from iosemu.subjects.crypto.config.maps import CryptoMapsConfig
from iosemu.subjects.crypto.config.smart_defaults import DEFAULT, transform_sets
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.crypto.show.ipsec_sa import flow_blocks

# --- configuration -----------------------------------------------------------------------------------


def transform_set(
    context: Context,
    name: str = "",
    ah: str | None = None,
    cipher: str | None = None,
    auth: str | None = None,
    comp_lzs: bool = False,
) -> list[Enter] | None:
    """`[no] crypto ipsec transform-set NAME TRANSFORMS`: enters the set."""
    ipsec: IpsecConfig = context.device.config.of(IpsecConfig)
    name = name or restored(context)
    if context.off:
        for crypto_map in context.device.config.of(CryptoMapsConfig).maps.values():
            if any(name in entry.transform_sets for entry in crypto_map.entries.values()):
                raise CommandError(f'Transform set {name} is in use by crypto map "{crypto_map.name}"')
        ipsec.transform_sets.pop(name, None)
        if name == DEFAULT:
            ipsec.default_transform_set = context.defaulted
        return None
    words = tuple(_short(word) for word in (ah, cipher, auth) if word)
    if comp_lzs:
        words += ("comp-lzs",)
    if not words:
        raise CommandError("% Incomplete command.")
    try:
        proposal_of(words)
    except TransformError as error:
        raise CommandError(str(error)) from None
    found = ipsec.transform_sets.setdefault(name, TransformSet(name))
    found.transforms = words
    if name == DEFAULT:
        ipsec.default_transform_set = True
    return [Enter("cfg-crypto-trans", found)]


def _short(word: str) -> str:
    return word.removesuffix(" 128")


def replay_window(context: Context, size: str = "64") -> None:
    """`[no] crypto ipsec security-association replay window-size N`."""
    context.device.config.of(IpsecConfig).replay_window = 64 if context.off else int(size)


def replay_disable(context: Context) -> None:
    """`[no] crypto ipsec security-association replay disable`."""
    context.device.config.of(IpsecConfig).replay_window = 64 if context.off else 0


def dummies(context: Context, rate: int | None = None, delay: int | None = None) -> None:
    """`[no] crypto ipsec security-association dummy (pps N | seconds N)`."""
    context.device.config.of(IpsecConfig).dummies = None if context.off else Dummies.typed(rate, delay)


def idle_time(context: Context, idle: int = 0) -> None:
    """`[no] crypto ipsec security-association idle-time N`."""
    context.device.config.of(IpsecConfig).idle_time = 0 if context.off else idle
    context.device.service(CryptoEngine).life.arm()


def interface_df_bit(context: Context, kind: str = "copy") -> None:
    """`[no] crypto ipsec df-bit (clear | copy | set)` on an interface."""
    context.edited(InterfaceConfig).of(IpsecBinding).df_bit = None if context.off else kind


def interface_fragmentation(context: Context, kind: str = "before-encryption") -> None:
    """`[no] crypto ipsec fragmentation (after-encryption | before-encryption)` on an interface."""
    first = kind == "before-encryption"
    context.edited(InterfaceConfig).of(IpsecBinding).fragment_first = None if context.off else first


# --- shows -------------------------------------------------------------------------------------------


def show_sa(
    context: Context,
    active: bool = False,
    detail: bool = False,
    address: bool = False,
    identity: bool = False,
    peer: bool = False,
    endpoint: IPv4Address | None = None,
    interface: bool = False,
    port: str | None = None,
    map: bool = False,  # noqa: A002 - the keyword of the command
    map_name: str | None = None,
) -> Iterable[str]:
    """`show crypto ipsec sa [active | detail | address | identity | peer A | interface I | map M]`."""
    router = context.device
    if address:
        return _by_address(router)
    return flow_blocks(
        router,
        active=active,
        detail=detail,
        identity=identity,
        peer=endpoint,
        interface=port,
        map_name=map_name,
    )


def _by_address(router: Device) -> Iterator[str]:
    """SAs by destination address, protocol and SPI."""
    style = router.image.style(IpsecStyle)
    rows = [
        (sa.destination, sa.protocol, sa.spi)
        for pair in router.service(CryptoEngine).sadb
        for sa in (*pair.inbound, *pair.outbound)
    ]
    last = None
    for destination, protocol, spi in sorted(rows):
        if destination != last:
            yield f"dest address: {destination}"
            last = destination
        yield f"   protocol: {'ESP' if protocol == ESP else 'AH'}"
        yield f"      spi: 0x{spi:0{style.spi_digits}X}({spi})"


def show_transform_set(context: Context, name: str | None = None, tag: bool = False) -> Iterator[str]:
    """`show crypto ipsec transform-set [NAME]`."""
    router = context.device
    sets = transform_sets(router)
    for each in sets.values() if name is None else [sets[name]] if name in sets else []:
        lead = f"Transform set {each.name}: " if name is None else ""
        yield f"{lead}{{ {' '.join(transform_names(each.proposal()))}  }}"
        yield f"   will negotiate = {{ {each.mode.name.title()},  }},"
        if name is None:
            yield ""


def show_lifetime(context: Context, lifetime: bool = False) -> str:
    """`show crypto ipsec security-association lifetime`."""
    ipsec: IpsecConfig = context.device.config.of(IpsecConfig)
    return (
        "Security association lifetime: "
        f"{ipsec.lifetime_kilobytes} kilobytes/{ipsec.lifetime_seconds} seconds"
    )


# --- clear -------------------------------------------------------------------------------------------


def clear_sa(
    context: Context,
    counters: bool = False,
    peer: bool = False,
    endpoint: IPv4Address | None = None,
    map: bool = False,  # noqa: A002 - the keyword of the command
    map_name: str | None = None,
) -> None:
    """`clear crypto sa [counters | peer A | map M]`."""
    if counters:
        context.device.service(CryptoEngine).clear_counters()
    else:
        context.device.service(CryptoEngine).clear(peer=endpoint, map_name=map_name)


def clear_spi(context: Context, destination: IPv4Address, protocol: str, spi: int) -> None:
    """`clear crypto sa spi DESTINATION (ah | esp) SPI`: the pair that holds the SA."""
    router = context.device
    number = ESP if protocol == "esp" else AH
    for pair in router.service(CryptoEngine).sadb:
        if any(
            sa.spi == spi and sa.protocol == number and sa.destination == destination
            for sa in (*pair.inbound, *pair.outbound)
        ):
            router.service(CryptoEngine).remove_pair(pair)
            return
