"""What is configured of beacons: their interval, and on which interfaces they are sent."""

from dataclasses import dataclass

from iosemu.box.debugging import DebugFlag

DEBUG = DebugFlag("Beacon packets", "Beacons")


@dataclass
class BeaconConfig:
    """`beacon …`."""

    interval: int = 10
    """Seconds."""


@dataclass
class BeaconPort:
    """`beacon` under an interface."""

    enabled: bool = False
