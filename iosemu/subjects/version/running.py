"""The release, as the running configuration begins."""

from __future__ import annotations

import re

from iosemu.box.device import Device
from iosemu.box.render import Render


def version_lines(device: Device, _render: Render) -> list[str]:
    """`version N.N`: the release of the software that `show version` names, without its number."""
    facts = device.model.facts
    software = facts["software"]
    if isinstance(software, dict):  # a router's, by image
        facts = software.get(device.image.name) or next(iter(software.values()))
    return ["version " + ".".join(re.findall(r"\d+", facts["version"])[:2])]
