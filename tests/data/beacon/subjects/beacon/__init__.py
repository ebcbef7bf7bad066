"""Beacons: a protocol that says that a box is there."""

from iosemu.subjects.beacon.config import DEBUG, BeaconConfig
from iosemu.subjects.beacon.running import beacon_lines, port_lines, process_rows
from iosemu.subjects.beacon.service import Beacons

from iosemu.box.subject import InterfaceSection, Section, Subject

SUBJECT = Subject(
    "beacon",
    config=(BeaconConfig,),
    services=(Beacons,),
    running=(Section("beacon", beacon_lines),),
    interface=(InterfaceSection("beacon", port_lines),),
    debugging=(DEBUG,),
    processes=process_rows,
)
