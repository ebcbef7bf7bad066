"""vlan.dat: the VLAN database as a switch keeps it in flash."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import lru_cache
from operator import attrgetter

from iosemu.bridging.vlans import MAXIMUM, NEVER_MODIFIED, Vlan, VlanConfig, initial_vlans

VLAN_DATABASE = "vlan.dat"


_NAMES = tuple(each.name for each in fields(Vlan))
_fields = attrgetter(*_NAMES)


def content(config: VlanConfig) -> tuple[object, ...]:
    """What was edited last is in here: databases with equal contents are the same but for revision and time."""
    return (
        config.vtp_mode,
        config.vtp_domain,
        {number: _fields(vlan) for number, vlan in config.vlans.items()},
    )


def dump(config: VlanConfig) -> bytes:
    """The file's content."""
    head = {
        "mode": config.vtp_mode,
        "domain": config.vtp_domain,
        "revision": config.revision,
        "modified": config.modified,
    }
    rows = ", ".join([_row(_fields(vlan)) for _, vlan in sorted(config.vlans.items())])
    return f'{json.dumps(head)[:-1]}, "vlans": [{rows}]}}'.encode()


@lru_cache(maxsize=2 * MAXIMUM)
def _row(values: tuple[object, ...]) -> str:
    """One VLAN; most are as they were when the database was last written."""
    return json.dumps(dict(zip(_NAMES, values, strict=True)))


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
            data.get("modified", NEVER_MODIFIED),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"no VLAN database: {error}") from error
