"""The command scheduler (kron): lists of commands that run at times."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.kron.config import CLI_DEBUG, INFO_DEBUG, MAJOR_DEBUG, KronConfig
from iosemu.subjects.kron.running import kron_lines
from iosemu.subjects.kron.service import Kron

SUBJECT = Subject(
    "kron",
    config=(KronConfig,),
    services=(Kron,),
    follows=("clock",),
    running=(Section("kron", kron_lines),),
    debugging=(CLI_DEBUG, INFO_DEBUG, MAJOR_DEBUG),
)
