"""The release, as the running configuration begins."""

from __future__ import annotations

import re

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.box.shipped import software


def version_lines(device: Device, _render: Render) -> list[str]:
    """`version N.N`: the release of the software that `show version` names, without its number."""
    facts = software(device.model, device.image)
    return ["version " + ".".join(re.findall(r"\d+", facts["version"])[:2])]
