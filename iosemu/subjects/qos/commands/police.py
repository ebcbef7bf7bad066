"""`police …`, in one line or in a mode of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Effect, Enter
from iosemu.subjects.mqc.config import PolicyClass
from iosemu.subjects.qos.commands.actions import put
from iosemu.subjects.qos.config import Dropping, Police, PoliceAction
from iosemu.subjects.qos.config.policing import DROP, TRANSMIT

MODE = "config-pmap-c-police"


def _police(
    context: Context,
    police: Police,
    conform: PoliceAction | None,
    exceed: PoliceAction | None,
    violate: PoliceAction | None,
) -> list[Effect]:
    if context.off:
        put(context, police)
        return []
    if police.pir is not None and police.pir < police.cir:
        raise CommandError("% PIR has to be at least the CIR")
    made = replace(
        police,
        conform=(conform or TRANSMIT,),
        exceed=(exceed or DROP,),
        violate=(violate,) if violate is not None else (),
    )
    put(context, made, Dropping)
    return [Enter(MODE, context.edited(PolicyClass))] if conform is None and made.word else []


def police_cir(
    context: Context,
    cir: int = 0,
    bc: int | None = None,
    be: int | None = None,
    pir: int | None = None,
    conform: PoliceAction | None = None,
    exceed: PoliceAction | None = None,
    violate: PoliceAction | None = None,
) -> list[Effect]:
    """`police cir N [bc N] [pir N] [be N] [conform-action …]`."""
    return _police(context, Police(cir, bc, be, pir), conform, exceed, violate)


def police_percent(
    context: Context,
    percent: int = 0,
    bc: int | None = None,
    be: int | None = None,
    pir: int | None = None,
    conform: PoliceAction | None = None,
    exceed: PoliceAction | None = None,
    violate: PoliceAction | None = None,
) -> list[Effect]:
    """`police cir percent N [bc N ms] [pir percent N] [be N ms]`."""
    made = Police(percent=percent, pir_percent=pir, bc_ms=bc, be_ms=be)
    return _police(context, made, conform, exceed, violate)


def police(
    context: Context,
    cir: int = 0,
    bc: int | None = None,
    be: int | None = None,
    conform: PoliceAction | None = None,
    exceed: PoliceAction | None = None,
    violate: PoliceAction | None = None,
) -> list[Effect]:
    """`police N [BURST [EXCESS]] [conform-action …]`: the older form stays as it is where it has actions."""
    made = Police(cir, bc, be, word=conform is None)
    return _police(context, made, conform, exceed, violate)


def action(context: Context, color: str, action: PoliceAction | None = None) -> None:
    """`conform-action`, `exceed-action` and `violate-action`: several that set something may stand together."""
    edited = context.edited(PolicyClass)
    found = edited.find(Police)
    if found is None:
        return
    color = color.removesuffix("-action")
    row: tuple[PoliceAction, ...] = getattr(found, color)
    if context.off:
        rest = tuple(each for each in row if action not in (None, each))
        row = rest or {"conform": (TRANSMIT,), "exceed": (DROP,), "violate": ()}[color]
    elif action is not None:
        setting = [each for each in row if each.value is not None and each.kind != action.kind]
        row = (*setting, action) if action.value is not None else (action,)
    changed: dict[str, Any] = {color: row}
    edited.put(replace(found, **changed))
