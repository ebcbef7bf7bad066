"""The modular command line: class-maps and policy-maps, whatever they are for."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.mqc.config import MqcConfig
from iosemu.subjects.mqc.running import class_map_lines, policy_map_lines
from iosemu.subjects.mqc.service import Maps

SUBJECT = Subject(
    "mqc",
    config=(MqcConfig,),
    services=(Maps,),
    running=(Section("class-map", class_map_lines), Section("policy-map", policy_map_lines)),
)
