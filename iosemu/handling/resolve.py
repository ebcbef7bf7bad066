"""From the names in the grammar to functions and classes of the subjects.

`do: nat.show_translations` is a function of `subjects/nat/commands.py` or `show.py`. A subject with many
commands has packages of these names: `do: crypto.maps.set_peer` is in `subjects/crypto/commands/maps.py` or
`subjects/crypto/show/maps.py`, and `do: ping.ping` in `subjects/ping/commands/ping.py`.

`edits: acl.AccessList` is a class of `subjects/acl/config.py`, `edits: crypto.isakmp.Policy` one of
`subjects/crypto/config/isakmp.py`; `edits: box.interface_config.InterfaceConfig` names a room below the subjects.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

_SUBJECTS = "iosemu.subjects"
_ROOMS = ("box", "bridging", "ip")


def handler(name: str) -> Any:
    """The function that a `do:` names.

    Raises LookupError when there is none, or two.
    """
    subject, part, attribute = _split(name)
    found = [
        getattr(module, attribute)
        for module in _modules(subject, part, ("commands", "show"))
        if hasattr(module, attribute)
    ]
    if len(found) != 1:
        raise LookupError(f"there is no {name}" if not found else f"{name} is in commands and in show")
    return found[0]


def edited(name: str) -> Any:
    """The class that an `edits:` names.

    Raises LookupError when there is none.
    """
    subject, part, attribute = _split(name)
    if subject in _ROOMS:
        module = _module(f"iosemu.{subject}.{part}")
        modules = [module] if module is not None else []
    else:
        modules = _modules(subject, part, ("config",))
    for module in modules:
        if hasattr(module, attribute):
            return getattr(module, attribute)
    raise LookupError(f"there is no {name}")


def _split(name: str) -> tuple[str, str, str]:
    subject, *parts, attribute = name.split(".")
    return subject, parts[0] if parts else "", attribute


def _modules(subject: str, part: str, rooms: tuple[str, ...]) -> list[ModuleType]:
    found = []
    for room in rooms:
        module = _module(f"{_SUBJECTS}.{subject}.{room}")
        if module is not None and hasattr(module, "__path__"):
            module = _module(f"{_SUBJECTS}.{subject}.{room}.{part or subject}")
        elif part:
            module = None
        if module is not None:
            found.append(module)
    return found


@cache
def _module(name: str) -> ModuleType | None:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            return None
        raise
