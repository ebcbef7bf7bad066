"""A link state database: of an area, of the autonomous system, or of one link (RFC 2328, 12.2)."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from iosemu.routing.ospf.constants import DO_NOT_AGE, MAX_AGE, LsaType
from iosemu.routing.ospf.lsa import Lsa, LsaHeader, LsaKey

if TYPE_CHECKING:
    from iosemu.routing.ospf.area import Area
    from iosemu.routing.ospf.interface import Interface
    from iosemu.routing.ospf.timers import Timer

# An expiry heap may hold this many stale entries before it is built anew.
_SLACK = 64


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

    def __init__(self, area: Area | None = None, link: Interface | None = None) -> None:
        self.area = area
        self.link = link
        self.tables: dict[int, Table] = {kind: {} for kind in LsaType}
        self._prefixes: dict[int, dict[tuple[int, int], dict[LsaKey, Entry]]] = {
            kind: defaultdict(dict) for kind in (LsaType.SUMMARY, LsaType.AS_EXTERNAL, LsaType.NSSA_EXTERNAL)
        }
        self._expiry: list[tuple[float, int, Entry]] = []
        # Fires when the first entry reaches MaxAge; set by the process.
        self.age_timer: Timer | None = None
        self._count = 0
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
        key = entry.key[1:]
        old = table.get(key)
        if old is None:
            self._size += 1
        elif old.lsa.prefix is not None:
            self._forget(old)
        table[key] = entry
        if entry.lsa.prefix is not None and entry.key[0] in self._prefixes:
            self._prefixes[entry.key[0]][entry.lsa.prefix][entry.key] = entry
        self.note_expiry(entry)
        return old

    def note_expiry(self, entry: Entry) -> None:
        """Have `expired` return the entry when it reaches MaxAge."""
        when = entry.expiry()
        if when is None:
            return
        self._count += 1
        heapq.heappush(self._expiry, (when, self._count, entry))
        if len(self._expiry) > 4 * self._size + _SLACK:
            self._expiry = [item for item in self._expiry if self.holds(item[2])]
            heapq.heapify(self._expiry)

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
        """When the first entry reaches MaxAge."""
        while self._expiry and not self._valid(self._expiry[0]):
            heapq.heappop(self._expiry)
        return self._expiry[0][0] if self._expiry else None

    def _valid(self, item: tuple[float, int, Entry]) -> bool:
        return self.holds(item[2]) and item[2].expiry() == item[0]

    def expired(self, now: float) -> list[Entry]:
        """Take the entries that have reached MaxAge out of the expiry list, not out of the database."""
        entries = []
        while (when := self.next_expiry()) is not None and when <= now:
            entries.append(heapq.heappop(self._expiry)[2])
        return entries
