"""Quality of service: classes that are marked, policed, shaped, and have their turn on the line."""

from iosemu.box.subject import Subject
from iosemu.subjects.qos.config import QosPort
from iosemu.subjects.qos.running_interface import SECTIONS
from iosemu.subjects.qos.service import QualityOfService

SUBJECT = Subject(
    "qos",
    services=(QualityOfService,),
    follows=("mqc", "interface"),
    facets=(QosPort,),
    interface=SECTIONS,
)
