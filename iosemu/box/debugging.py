"""What a box debugs: flags that subjects declare, and which of them are on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class DebugFlag:
    """One thing that can be debugged, as `debug …` and `show debugging` call it."""

    name: str
    """`IP NAT` of `IP NAT debugging is on`."""
    group: str
    """The heading above it: `Generic IP`."""


class Debugging:
    """`device.debugging`: all flags are off after power on.

    A flag that was not declared raises LookupError: `undebug all` would not know it.
    """

    __slots__ = ("_flags", "_limits", "any")

    def __init__(self, flags: Iterable[DebugFlag] = ()) -> None:
        self._flags = dict.fromkeys(flags, False)
        self._limits: dict[DebugFlag, str] = {}
        self.any = False
        """Something is on: what is asked for every packet looks here first."""

    def wants(self, flag: DebugFlag) -> bool:
        """Whether a flag is on, also where nobody declares it."""
        return self.any and self._flags.get(flag, False)

    def on(self, flag: DebugFlag) -> bool:
        """Whether a flag is on."""
        return self._flags[flag]

    def set(self, flag: DebugFlag, on: bool, limits: str = "") -> str:
        """Turn a flag on or off; returns what IOS says to it. `limits`, such as ` (detailed)`, is said behind it."""
        if flag not in self._flags:
            raise LookupError(f"no subject here declares the debug flag {flag.name!r}")
        self._flags[flag] = on
        self._limits[flag] = limits
        self.any = any(self._flags.values())
        return f"{flag.name} debugging is {'on' if on else 'off'}{limits}"

    def limits(self, flag: DebugFlag) -> str:
        """What was said behind a flag when it was set."""
        return self._limits.get(flag, "")

    def set_all(self, on: bool) -> None:
        """Turn all flags on or off."""
        self._flags = dict.fromkeys(self._flags, on)
        self._limits.clear()
        self.any = on and bool(self._flags)

    def lines(self) -> Iterator[str]:
        """What is on, under the headings of the groups, in the order of the declarations."""
        groups: dict[str, list[str]] = {}
        for flag, on in self._flags.items():
            if on:
                limits = self._limits.get(flag, "")
                groups.setdefault(flag.group, []).append(f"{flag.name} debugging is on{limits}")
        for group, names in groups.items():
            yield ""
            yield f"{group}:"
            yield from (f"  {name}" for name in names)
