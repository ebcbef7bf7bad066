"""vlan.dat: the VLAN database as a switch keeps it in flash."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from operator import attrgetter

from iosemu.bridging.vlans import NEVER_MODIFIED, Vlan, VlanConfig, initial_vlans

VLAN_DATABASE = "vlan.dat"


_fields = attrgetter(*(each.name for each in fields(Vlan)))


def content(config: VlanConfig) -> tuple[object, ...]:
    """What was edited last is in here: databases with equal contents are the same but for revision and time."""
    return (
        config.vtp_mode,
        config.vtp_domain,
        {number: _fields(vlan) for number, vlan in config.vlans.items()},
    )


def dump(config: VlanConfig) -> bytes:
    """The file's content."""
    return json.dumps(
        {
            "mode": config.vtp_mode,
            "domain": config.vtp_domain,
            "revision": config.revision,
            "modified": config.modified,
            "vlans": [asdict(vlan) for _, vlan in sorted(config.vlans.items())],
        }
    ).encode()


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
