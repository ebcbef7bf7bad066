"""`show redundancy [states]`: a router with one processor says that it has no other."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.subjects.version.show.version import software, uptime


def show_redundancy(context: Context) -> Iterator[str]:
    """`show redundancy`."""
    device = context.device
    facts, image = device.model.facts, software(device)
    up = uptime(device.now - device.booted_at)
    yield "Redundant System Information :"
    yield "------------------------------"
    yield f"       Available system uptime = {up}"
    yield "Switchovers system experienced = 0"
    yield "              Standby failures = 0"
    yield "        Last switchover reason = unsupported"
    yield ""
    yield "                 Hardware Mode = Simplex"
    yield "              Maintenance Mode = Disabled"
    yield "                Communications = Down      Reason: Failure"
    yield ""
    yield "Current Processor Information :"
    yield "-------------------------------"
    yield "               Active Location = slot 0"
    yield "        Current Software state = ACTIVE"
    yield f"       Uptime in current state = {up}"
    yield (
        f"                 Image Version = Cisco IOS Software, {facts['family']} Software ({image['name']}), "
        f"Version {image['version']}, RELEASE SOFTWARE ({image['release']})"
    )
    yield "Technical Support: http://www.cisco.com/techsupport"
    yield f"Copyright (c) {image['years']} by Cisco Systems, Inc."
    yield f"Compiled {image['compiled']}"
    yield f"        Configuration register = {device.register_text}"
    yield ""
    yield "Peer (slot: 0) information is not available because it is in 'DISABLED' state"
