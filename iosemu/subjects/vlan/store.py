"""vlan.dat: the VLAN database as a switch keeps it in flash."""

from __future__ import annotations

import json
from dataclasses import fields
from operator import attrgetter

from iosemu.bridging.vlans import NEVER_MODIFIED, NOBODY, Vlan, VlanConfig, initial_vlans

VLAN_DATABASE = "vlan.dat"


_NAMES = tuple(each.name for each in fields(Vlan))
_fields = attrgetter(*_NAMES)


class Written:
    """The database as it was last told, row by row: an edit costs what differs, and one look at each VLAN."""

    def __init__(self) -> None:
        self._head: tuple[str, str, str, int, bool] = ("", "", "", 1, False)
        self._rows: dict[int, tuple[tuple[object, ...], str]] = {}
        """By VLAN: its fields, and the text that says them."""

    def take(self, config: VlanConfig) -> bool:
        """Take what was edited; whether anything was, revision and time aside."""
        before = self._rows
        head = (
            config.vtp_mode, config.vtp_domain, config.vtp_password, config.vtp_version, config.vtp_pruning
        )  # fmt: skip
        rows, edited = {}, head != self._head
        for number, vlan in config.vlans.items():
            values, known = _fields(vlan), before.get(number)
            if known is None or known[0] != values:
                known, edited = (values, json.dumps(dict(zip(_NAMES, values, strict=True)))), True
            rows[number] = known
        edited = edited or len(rows) != len(before)
        self._head, self._rows = head, rows
        return edited

    def dump(self, config: VlanConfig) -> bytes:
        """The file's content, as it was taken."""
        mode, domain, password, version, pruning = self._head
        head = {
            "mode": mode, "domain": domain, "revision": config.revision, "modified": config.modified,
            "password": password, "version": version, "pruning": pruning, "updater": config.updater,
        }  # fmt: skip
        rows = ", ".join([text for _, (_, text) in sorted(self._rows.items())])
        return f'{json.dumps(head)[:-1]}, "vlans": [{rows}]}}'.encode()


def load(content: bytes) -> VlanConfig:
    """The database in a file; raises ValueError when the content is no database."""
    try:
        data = json.loads(content)
        vlans = {row["number"]: Vlan(**row) for row in data["vlans"]}
        return VlanConfig(
            {**initial_vlans(), **vlans},
            data["mode"],
            data["domain"],
            data["revision"],
            data.get("password", ""),
            data.get("version", 1),
            data.get("pruning", False),
            data.get("updater", NOBODY),
            data.get("modified", NEVER_MODIFIED),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"no VLAN database: {error}") from error
