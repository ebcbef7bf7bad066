"""`ip ospf …` under `interface X`."""

from __future__ import annotations

from dataclasses import replace

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Output
from iosemu.handling.passwords import make_password
from iosemu.routing.ospf import NetworkType
from iosemu.subjects.ospf.config import OspfConfig
from iosemu.subjects.ospf.config.area import AreaId
from iosemu.subjects.ospf.config.interface import OspfInterface
from iosemu.subjects.ospf.config.process import OspfProcess

PASSWORD_LENGTH, KEY_LENGTH = 8, 16


def _own(context: Context) -> OspfInterface:
    return context.edited(InterfaceConfig).of(OspfInterface)


def process_area(
    context: Context, number: int, area: AreaId | None = None, none: bool = False, **_keywords: bool
) -> Output:
    """`[no] ip ospf N area A [secondaries none]`; the process is made when there is none."""
    own = _own(context)
    if context.off:
        if own.process == number:
            own.process = own.area = None
            own.secondaries = True
        return None
    if own.process not in (None, number):
        raise CommandError(f"% OSPF: Interface is already attached to process {own.process}")
    processes = context.device.config.of(OspfConfig).processes
    processes.setdefault(number, OspfProcess(number))
    own.process, own.area, own.secondaries = number, area, not none
    return None


def cost(context: Context, cost: int | None = None) -> Output:
    """`[no] ip ospf cost N`."""
    _own(context).cost = None if context.off else cost
    return None


def hello_interval(context: Context, seconds: int | None = None) -> Output:
    """`[no] ip ospf hello-interval S`; the dead interval follows it unless it is set."""
    _own(context).hello = None if context.off else seconds
    return None


def dead_interval(context: Context, seconds: int | None = None) -> Output:
    """`[no] ip ospf dead-interval S`; it ends `minimal`, too."""
    own = _own(context)
    own.dead, own.hello_multiplier = None if context.off else seconds, None
    return None


def fast_hellos(context: Context, multiplier: int | None = None) -> Output:
    """`[no] ip ospf dead-interval minimal hello-multiplier N`: N hellos a second, a neighbor is dead after one."""
    own = _own(context)
    own.dead, own.hello_multiplier = None, None if context.off else multiplier
    return None


def retransmit_interval(context: Context, seconds: int = 5) -> Output:
    """`[no] ip ospf retransmit-interval S`."""
    _own(context).retransmit = None if context.off or seconds == 5 else seconds
    return None


def transmit_delay(context: Context, seconds: int = 1) -> Output:
    """`[no] ip ospf transmit-delay S`."""
    _own(context).transmit_delay = None if context.off or seconds == 1 else seconds
    return None


def priority(context: Context, priority: int = 1) -> Output:
    """`[no] ip ospf priority N`."""
    _own(context).priority = None if context.off or priority == 1 else priority
    return None


def network(
    context: Context,
    non_broadcast: str | None = None,
    broadcast: bool = False,
    point_to_point: bool = False,
    point_to_multipoint: bool = False,
    **_keywords: bool,
) -> Output:
    """`[no] ip ospf network TYPE`."""
    own = _own(context)
    if context.off:
        own.network_type = None
    elif point_to_multipoint and non_broadcast is not None:
        own.network_type = NetworkType.POINT_TO_MULTIPOINT_NONBROADCAST
    elif point_to_multipoint:
        own.network_type = NetworkType.POINT_TO_MULTIPOINT
    elif point_to_point:
        own.network_type = NetworkType.POINT_TO_POINT
    else:
        own.network_type = NetworkType.BROADCAST if broadcast else NetworkType.NON_BROADCAST
    return None


def mtu_ignore(context: Context) -> Output:
    """`[no] ip ospf mtu-ignore`."""
    _own(context).mtu_ignore = not context.off
    return None


def authentication(context: Context, kind: str | None = None) -> Output:
    """`[no] ip ospf authentication [message-digest | null]`."""
    own = _own(context)
    own.keys = replace(own.keys, type=None if context.off else kind or "simple")
    return None


def authentication_key(context: Context, encoding: str | None = None, password: str = "") -> Output:
    """`[no] ip ospf authentication-key [0 | 7] KEY`: eight characters count."""
    own = _own(context)
    if context.off:
        own.keys = replace(own.keys, password=None)
        return None
    made = make_password(context, "password", encoding or "", password)
    own.keys = replace(own.keys, password=made)
    if not encoding and len(password.strip()) > PASSWORD_LENGTH:
        return f"% OSPF: Warning: The password/key will be truncated to {PASSWORD_LENGTH} characters"
    return None


def message_digest_key(context: Context, key_id: int, encoding: str | None = None, key: str = "") -> Output:
    """`[no] ip ospf message-digest-key N md5 [0 | 7] KEY`: sixteen characters count."""
    own = _own(context)
    if context.off:
        own.keys = own.keys.with_key(key_id, None)
        return None
    if any(number == key_id for number, _ in own.keys.keys):
        made = make_password(context, "password", encoding or "", key)
        if (key_id, made) in own.keys.keys:
            return None
        raise CommandError(f"% OSPF: Key {key_id} already exists")
    made = make_password(context, "password", encoding or "", key)
    own.keys = own.keys.with_key(key_id, made)
    if not encoding and len(key.strip()) > KEY_LENGTH:
        return f"% OSPF: Warning: The password/key will be truncated to {KEY_LENGTH} characters"
    return None


def database_filter(context: Context) -> Output:
    """`[no] ip ospf database-filter all out`."""
    _own(context).filter_out = not context.off
    return None
