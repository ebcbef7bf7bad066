"""`crypto map` and `crypto dynamic-map`: entries, their submode, their place on interfaces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from ipaddress import IPv4Address

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter
from iosemu.subjects.crypto.config.ipsec import Dummies
from iosemu.subjects.crypto.config.maps import (
    CryptoMapBinding,
    CryptoMapEntry,
    CryptoMapsConfig,
    CryptoMapStyle,
    DynamicMap,
    map_mode,
)
from iosemu.subjects.crypto.config.remote_access import ClientAccess
from iosemu.subjects.crypto.config.session_keys import (
    KeyLengthError,
    ManualKeys,
    SessionKey,
    SessionKeys,
)
from iosemu.subjects.crypto.config.smart_defaults import transform_sets
from iosemu.subjects.crypto.service.engine import CryptoEngine

MAXIMUM_TRANSFORM_SETS = 6
NOTE = (
    "% NOTE: This new crypto map will remain disabled until a peer",
    "\tand a valid access list have been configured.",
)
GROUP_NOTE = (
    "% NOTE: This new crypto map will remain disabled until a valid",
    "        group has been configured.",
)

# --- configuration -----------------------------------------------------------------------------------


def crypto_map(
    context: Context,
    name: str,
    sequence: int | None = None,
    ipsec_isakmp: bool = False,
    dynamic: bool = False,
    template: str | None = None,
    gdoi: bool = False,
    ipsec_manual: bool = False,
) -> list[str | Enter] | None:
    """`[no] crypto map NAME [N] [ipsec-isakmp [dynamic NAME] | ipsec-manual | gdoi]`: the entry is made when new."""
    maps: CryptoMapsConfig = context.device.config.of(CryptoMapsConfig)
    if context.off:
        maps.remove(name, sequence)
        return None
    assert sequence is not None
    found = maps.maps.get(name)
    new = found is None or sequence not in found.entries
    kind = "gdoi" if gdoi else "ipsec-manual" if ipsec_manual else "ipsec-isakmp" if ipsec_isakmp else None
    if new and kind is None:
        raise CommandError(
            "% Invalid keyword: a new crypto map entry needs ipsec-isakmp, ipsec-manual or gdoi"
        )
    if found is not None and not new and kind not in (None, found.entries[sequence].kind):
        raise CommandError(f'% Entry {sequence} of crypto map "{name}" is of another kind; delete it first')
    if template is not None and not new:
        assert found is not None
        if found.entries[sequence].dynamic != template:
            raise CommandError(
                f'% Entry {sequence} of crypto map "{name}" is of another kind; delete it first'
            )
    entry = maps.make(name).entry(sequence)
    if template is not None:
        entry.dynamic = template
        return None
    entry.gdoi = entry.gdoi or gdoi
    if ipsec_manual and entry.manual is None:
        entry.manual = ManualKeys()
    announce = new and context.device.image.style(CryptoMapStyle).announce_new
    note = GROUP_NOTE if entry.gdoi else NOTE
    return [*(note if announce else ()), Enter(map_mode(entry), entry)]


def dynamic_map(context: Context, name: str, sequence: int | None = None) -> list[Enter] | None:
    """`[no] crypto dynamic-map NAME [N]`: enters the template, made when new."""
    maps: CryptoMapsConfig = context.device.config.of(CryptoMapsConfig)
    if context.off:
        maps.remove_dynamic(name, sequence)
        return None
    assert sequence is not None
    return [Enter("config-crypto-map", maps.dynamic.setdefault(name, DynamicMap(name)).entry(sequence))]


def local_address(context: Context, name: str, port: str | None = None) -> None:
    """`[no] crypto map NAME local-address INTERFACE`."""
    maps: CryptoMapsConfig = context.device.config.of(CryptoMapsConfig)
    maps.make(name).local_address = None if context.off else port
    if maps.maps[name].empty:
        maps.remove(name)


def map_profile(context: Context, name: str, profile: str | None = None) -> None:
    """`[no] crypto map NAME isakmp-profile P`; the profile may come later."""
    maps: CryptoMapsConfig = context.device.config.of(CryptoMapsConfig)
    maps.make(name).isakmp_profile = None if context.off else profile
    if maps.maps[name].empty:
        maps.remove(name)


def replay_interval(context: Context, name: str, inbound: int = 0, outbound: int = 0) -> None:
    """`[no] crypto map NAME redundancy replay-interval inbound N outbound N`: no SAs are shared with a standby here."""
    maps: CryptoMapsConfig = context.device.config.of(CryptoMapsConfig)
    maps.make(name).replay_interval = None if context.off else (inbound, outbound)
    if maps.maps[name].empty:
        maps.remove(name)


def _clients(context: Context, name: str, change: Callable[[ClientAccess], None]) -> None:
    maps: CryptoMapsConfig = context.device.config.of(CryptoMapsConfig)
    change(maps.make(name).clients)
    if maps.maps[name].empty:
        maps.remove(name)


def client_authentication(context: Context, name: str, methods: str | None = None) -> None:
    """`[no] crypto map NAME client authentication list L`."""
    _clients(context, name, lambda clients: clients.ask(None if context.off else methods))


def isakmp_authorization(context: Context, name: str, methods: str | None = None) -> None:
    """`[no] crypto map NAME isakmp authorization list L`."""
    _clients(context, name, lambda clients: clients.authorize(None if context.off else methods))


def client_address(context: Context, name: str, how: str) -> None:
    """`[no] crypto map NAME client configuration address (initiate | respond)`."""
    _clients(context, name, lambda clients: clients.configure(how, on=not context.off))


def interface_crypto_map(context: Context, name: str | None = None, redundancy: str = "") -> None:
    """`[no] crypto map NAME [redundancy GROUP]` on an interface."""
    interface = context.edited(InterfaceConfig)
    router = context.device
    if context.off:
        if name in (None, interface.of(CryptoMapBinding).name):
            interface.of(CryptoMapBinding).name, interface.of(CryptoMapBinding).redundancy = None, ""
    elif router.config.of(CryptoMapsConfig).get(name) is None:
        raise CommandError(f'ERROR: Crypto Map with tag "{name}" does not exist.')
    else:
        interface.of(CryptoMapBinding).name, interface.of(CryptoMapBinding).redundancy = name, redundancy


def match_address(
    context: Context, acl: str | None = None, number: int | None = None, expanded: int | None = None
) -> None:
    """`[no] match address ACL`; the list need not exist yet."""
    digits = number if number is not None else expanded
    name = acl if digits is None else str(digits)
    context.edited(CryptoMapEntry).access_list = None if context.off else name


def set_peer(
    context: Context,
    endpoint: IPv4Address | str | None = None,
    dynamic: bool = False,
    default: bool = False,
) -> None:
    """`[no] set peer (A | HOST [dynamic]) [default]`: peers are tried in the order given.

    A host name is looked up now, or with `dynamic` whenever the peer is needed.
    """
    entry = context.edited(CryptoMapEntry)
    if entry.gdoi:
        raise CommandError("% A crypto map entry of type gdoi has no peer; set group names its group")
    if isinstance(endpoint, str) and not dynamic and not context.off:
        name = endpoint
        endpoint = context.device.service(CryptoEngine).addresses.address_of(name)
        if endpoint is None:
            raise CommandError(f"% Unrecognized host or address {name}.")
    if context.off:
        entry.peers = [] if endpoint is None else [peer for peer in entry.peers if peer != endpoint]
        if entry.default_peer not in entry.peers:
            entry.default_peer = None
    elif endpoint is not None:
        if entry.manual is not None and entry.peers not in ([], [endpoint]):
            raise CommandError("% Only one peer is allowed in a crypto map entry of type ipsec-manual")
        if endpoint not in entry.peers:
            entry.peers.append(endpoint)
        if default:
            entry.default_peer = endpoint


def set_transform_set(context: Context, names: tuple[str, ...] = ()) -> None:
    """`[no] set transform-set A [B …]`: in order of preference, at most six."""
    entry = context.edited(CryptoMapEntry)
    if context.off:
        entry.transform_sets = [name for name in entry.transform_sets if names and name not in names]
        return
    if len(names) > MAXIMUM_TRANSFORM_SETS:
        raise CommandError(f"ERROR: at most {MAXIMUM_TRANSFORM_SETS} transform sets may be specified.")
    for name in names:
        if name not in transform_sets(context.device):
            raise CommandError(f'ERROR: transform set with tag "{name}" does not exist.')
    if entry.manual is not None:
        _check_keys(context, entry.manual, names)
    entry.transform_sets = list(names)


def _check_keys(context: Context, keys: ManualKeys, names: Sequence[str]) -> None:
    sets = transform_sets(context.device)
    if len(names) > 1:
        raise CommandError("% Only one transform set is allowed in a crypto map entry of type ipsec-manual")
    for name in names:
        if name in sets:
            try:
                keys.inbound.check(sets[name].proposal())
                keys.outbound.check(sets[name].proposal())
            except KeyLengthError as error:
                raise CommandError(str(error)) from None


def set_session_key(
    context: Context,
    direction: str,
    protocol: str,
    spi: int | None = None,
    cipher: str = "",
    key: str = "",
) -> None:
    """`[no] set session-key (inbound | outbound) (esp SPI cipher HEX [authenticator HEX] | ah SPI HEX)`."""
    entry = context.edited(CryptoMapEntry)
    assert entry.manual is not None
    keys = deepcopy(entry.manual)
    if context.off or spi is None:
        setattr(keys.of(direction), protocol, None)
    else:
        if len(cipher) % 2 or len(key) % 2:
            raise CommandError("% A key is an even number of hexadecimal digits")
        setattr(keys.of(direction), protocol, SessionKey(spi, cipher, key))
        _check_keys(context, keys, entry.transform_sets)
    entry.manual = keys


def session_key_lines(entry: CryptoMapEntry) -> Iterator[str]:
    """`set session-key …`."""
    for direction in ("inbound", "outbound"):
        keys = entry.manual.of(direction) if entry.manual is not None else SessionKeys()
        if keys.esp is not None:
            authenticator = f" authenticator {keys.esp.authenticator}" if keys.esp.authenticator else ""
            yield f"set session-key {direction} esp {keys.esp.spi} cipher {keys.esp.cipher}{authenticator}"
        if keys.ah is not None:
            yield f"set session-key {direction} ah {keys.ah.spi} {keys.ah.authenticator}"


def set_group(context: Context, name: str | None = None) -> None:
    """`[no] set group NAME`: the GDOI group of an entry; it need not be there yet."""
    entry = context.edited(CryptoMapEntry)
    if not entry.gdoi:
        raise CommandError("% Group can only be set in a crypto map entry of type gdoi")
    entry.group = None if context.off else name


def set_idle_time(context: Context, idle: int | None = None, default: bool = False) -> None:
    """`[no] set security-association idle-time N [default]`."""
    context.edited(CryptoMapEntry).idle_time = None if context.off else idle
    context.edited(CryptoMapEntry).idle_default = default and not context.off
    context.device.service(CryptoEngine).life.arm()


def set_replay_window(context: Context, size: str = "64") -> None:
    """`[no] set security-association replay window-size N`: of SAs that are made from now on."""
    context.edited(CryptoMapEntry).replay_window = None if context.off else int(size)


def set_replay_disable(context: Context) -> None:
    """`[no] set security-association replay disable`."""
    context.edited(CryptoMapEntry).replay_window = None if context.off else 0


def set_dummies(context: Context, rate: int | None = None, delay: int | None = None) -> None:
    """`[no] set security-association dummy (pps N | seconds N)`."""
    context.edited(CryptoMapEntry).dummies = None if context.off else Dummies.typed(rate, delay)


def dummy_lines(entry: CryptoMapEntry) -> Iterator[str]:
    """`set security-association dummy …`."""
    if entry.dummies is not None:
        yield f"set security-association dummy {entry.dummies}"


def set_isakmp_profile(context: Context, name: str | None = None) -> None:
    """`[no] set isakmp-profile NAME`; the profile may come later, and until then nothing is negotiated."""
    context.edited(CryptoMapEntry).isakmp_profile = None if context.off else name


def reverse_route(context: Context, gateway: IPv4Address | None = None, static: bool = False) -> None:
    """`[no] reverse-route [remote-peer A] [static]`: routes to what is behind the peers, and to themselves by A."""
    entry = context.edited(CryptoMapEntry)
    entry.reverse_route = not context.off
    entry.reverse_route_static = static and not context.off
    entry.reverse_route_gateway = None if context.off else gateway
    context.device.service(CryptoEngine).routes.refresh()


def set_reverse_route(context: Context, tag: int | None = None, distance: int | None = None) -> None:
    """`[no] set reverse-route tag N | distance N`."""
    entry = context.edited(CryptoMapEntry)
    if tag is not None:
        entry.reverse_route_tag = None if context.off else tag
    if distance is not None:
        entry.reverse_route_distance = None if context.off else distance
    context.device.service(CryptoEngine).routes.refresh()


def peer_lines(entry: CryptoMapEntry) -> Iterator[str]:
    """`set peer …`."""
    for peer in entry.peers:
        dynamic = " dynamic" if isinstance(peer, str) else ""
        yield f"set peer {peer}{dynamic}{' default' if peer == entry.default_peer else ''}"


def idle_lines(entry: CryptoMapEntry) -> Iterator[str]:
    """`set security-association idle-time …`."""
    if entry.idle_time is not None:
        yield f"set security-association idle-time {entry.idle_time}{' default' if entry.idle_default else ''}"


def replay_lines(entry: CryptoMapEntry) -> Iterator[str]:
    """`set security-association replay …`."""
    if entry.replay_window is not None:
        window = entry.replay_window
        yield f"set security-association replay {f'window-size {window}' if window else 'disable'}"


def transform_lines(entry: CryptoMapEntry) -> Iterator[str]:
    """`set transform-set …`, with the space that IOS leaves at its end."""
    if entry.transform_sets:
        yield f"set transform-set {' '.join(entry.transform_sets)} "


def profile_lines(entry: CryptoMapEntry) -> Iterator[str]:
    """`set isakmp-profile …`."""
    if entry.isakmp_profile is not None:
        yield f"set isakmp-profile {entry.isakmp_profile}"


def group_lines(entry: CryptoMapEntry) -> Iterator[str]:
    """`set group …`."""
    if entry.group is not None:
        yield f"set group {entry.group}"


def match_lines(entry: CryptoMapEntry) -> Iterator[str]:
    """`match address …`."""
    if entry.access_list is not None:
        yield f"match address {entry.access_list}"


def reverse_lines(entry: CryptoMapEntry) -> Iterator[str]:
    """`reverse-route …`."""
    if entry.reverse_route:
        gateway = entry.reverse_route_gateway
        peer = f" remote-peer {gateway}" if gateway is not None else ""
        yield f"reverse-route{peer}{' static' if entry.reverse_route_static else ''}"


def set_reverse_lines(entry: CryptoMapEntry) -> Iterator[str]:
    """`set reverse-route …`."""
    if entry.reverse_route_distance is not None:
        yield f"set reverse-route distance {entry.reverse_route_distance}"
    if entry.reverse_route_tag is not None:
        yield f"set reverse-route tag {entry.reverse_route_tag}"
