"""A link state database: of an area, of the autonomous system, or of one link (RFC 2328, 12.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from iosemu.routing.ospf.constants import DO_NOT_AGE, MAX_AGE, LsaType
from iosemu.routing.ospf.lsa import Lsa, LsaHeader, LsaKey

if TYPE_CHECKING:
    from iosemu.routing.ospf.area import Area
    from iosemu.routing.ospf.interface import Interface
    from iosemu.routing.ospf.timers import Timer


class Entry:
    """One instance in a database; another instance is another entry."""

    __slots__ = ("age_then", "installed", "key", "lsa", "own", "sent_back", "since")

    def __init__(self, lsa: Lsa, age: int, now: float, own: bool) -> None:
        self.lsa = lsa
        self.key: LsaKey = lsa.key
        self.age_then = age
        self.since = now
        # When the instance was received, for MinLSArrival; `since` may be moved by premature ageing.
        self.installed = now
        self.own = own
        self.sent_back = -1e9

    def age(self, now: float) -> int:
        """Age in seconds, DoNotAge bit included."""
        if self.age_then & DO_NOT_AGE:
            return self.age_then
        age = self.age_then + int(now - self.since)
        return age if age < MAX_AGE else MAX_AGE

    def at_max_age(self, now: float) -> bool:
        """Whether it is being flushed."""
        return self.age(now) & ~DO_NOT_AGE >= MAX_AGE

    @property
    def flushed(self) -> bool:
        """Whether it came or was set to MaxAge."""
        return self.age_then == MAX_AGE

    def expiry(self) -> float | None:
        """When it reaches MaxAge."""
        return None if self.age_then & DO_NOT_AGE else self.since + MAX_AGE - self.age_then

    def header(self, now: float) -> LsaHeader:
        """The header with its present age."""
        return self.lsa.header(self.age(now))


Table = dict[tuple[int, int], Entry]


class Lsdb:
    """Entries by type, link state ID and advertising router. The scope is `area`, `link`, or else the AS."""

    __slots__ = ("_prefixes", "_size", "age_timer", "area", "link", "tables")

    def __init__(self, area: Area | None = None, link: Interface | None = None) -> None:
        self.area = area
        self.link = link
        self.tables: dict[int, Table] = {kind.value: {} for kind in LsaType}
        self._prefixes: dict[int, dict[tuple[int, int], dict[LsaKey, Entry]]] = {
            kind: defaultdict(dict) for kind in (LsaType.SUMMARY, LsaType.AS_EXTERNAL, LsaType.NSSA_EXTERNAL)
        }
        # Fires when the first entry reaches MaxAge; set by the process.
        self.age_timer: Timer | None = None
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Entry]:
        for table in self.tables.values():
            yield from table.values()

    def get(self, key: LsaKey) -> Entry | None:
        """The entry with that key."""
        return self.tables[key[0]].get((key[1], key[2]))

    def install(self, entry: Entry) -> Entry | None:
        """Put an entry in the place of the one before it, which is returned."""
        table = self.tables[entry.key[0]]
        key = entry.lsa.place
        old = table.get(key)
        if old is None:
            self._size += 1
        elif old.lsa.prefix is not None:
            self._forget(old)
        table[key] = entry
        if entry.lsa.prefix is not None and entry.key[0] in self._prefixes:
            self._prefixes[entry.key[0]][entry.lsa.prefix][entry.key] = entry
        return old

    def holds(self, entry: Entry) -> bool:
        """Whether this very instance is in the database."""
        return self.get(entry.key) is entry

    def remove(self, entry: Entry) -> None:
        """Take an entry out; nothing happens if another instance has its place."""
        if self.holds(entry):
            del self.tables[entry.key[0]][entry.key[1:]]
            self._size -= 1
            self._forget(entry)

    def _forget(self, entry: Entry) -> None:
        index = self._prefixes.get(entry.key[0])
        if index is not None and entry.lsa.prefix is not None:
            same = index[entry.lsa.prefix]
            same.pop(entry.key, None)
            if not same:
                del index[entry.lsa.prefix]

    def of_prefix(self, kind: int, prefix: tuple[int, int]) -> Iterable[Entry]:
        """Entries of a type 3, 5 or 7 for one (network, mask)."""
        same = self._prefixes[kind].get(prefix)
        return same.values() if same else ()

    def prefixes(self, kind: int) -> Iterable[tuple[int, int]]:
        """The (network, mask) pairs of a type 3, 5 or 7."""
        return self._prefixes[kind]

    def next_expiry(self) -> float | None:
        """When the first entry reaches MaxAge, those that have reached it left out.

        It looks at every entry, which is cheap because refreshes keep it half an hour and more away.
        """
        times = (entry.expiry() for entry in self if not entry.flushed)
        return min((when for when in times if when is not None), default=None)

    def expired(self, now: float) -> list[Entry]:
        """The entries that have reached MaxAge and are not being flushed for it yet."""
        # By the time that `next_expiry` gives, not by the age in whole seconds, which may round it away.
        due = ((entry, entry.expiry()) for entry in self if not entry.flushed)
        return [entry for entry, when in due if when is not None and when <= now]
