"""`show beacons`."""

from collections.abc import Iterator

from iosemu.subjects.beacon.service import Beacons

from iosemu.handling.context import Context


def show_beacons(context: Context) -> Iterator[str]:
    """`show beacons`: who was heard, and how often."""
    for name, count in context.device.service(Beacons).heard.items():
        yield f"{name:<20} {count}"
