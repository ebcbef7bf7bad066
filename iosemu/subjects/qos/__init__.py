"""Quality of service: classes that are marked, policed, shaped, and have their turn on the line."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.qos.config import QosPort, QueueLists
from iosemu.subjects.qos.running import custom_list_lines, priority_list_lines
from iosemu.subjects.qos.running_interface import SECTIONS
from iosemu.subjects.qos.service import QualityOfService

SUBJECT = Subject(
    "qos",
    config=(QueueLists,),
    services=(QualityOfService,),
    follows=("mqc", "interface"),
    facets=(QosPort,),
    running=(Section("priority-list", priority_list_lines), Section("queue-list", custom_list_lines)),
    interface=SECTIONS,
)
