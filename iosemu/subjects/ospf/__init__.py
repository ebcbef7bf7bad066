"""OSPF version 2."""

from iosemu.box.subject import InterfaceSection, Section, Subject
from iosemu.subjects.ospf.config import OspfConfig
from iosemu.subjects.ospf.config.debug import FLAGS
from iosemu.subjects.ospf.config.interface import OspfInterface
from iosemu.subjects.ospf.processes import process_rows
from iosemu.subjects.ospf.running import process_lines
from iosemu.subjects.ospf.running_interface import interface_lines
from iosemu.subjects.ospf.service.ospf import Ospf

SUBJECT = Subject(
    "ospf",
    config=(OspfConfig,),
    services=(Ospf,),
    follows=("acl", "policy", "system", "ip", "interface", "tunnel", "vrf"),
    running=(Section("router ospf", process_lines),),
    facets=(OspfInterface,),
    interface=(InterfaceSection("ospf", interface_lines),),
    processes=process_rows,
    debugging=tuple(FLAGS.values()),
)
