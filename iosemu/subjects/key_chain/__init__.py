"""Key chains."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.key_chain.config import KeyChains
from iosemu.subjects.key_chain.running import chain_lines
from iosemu.subjects.key_chain.service import KeyStrings

SUBJECT = Subject(
    "key_chain",
    config=(KeyChains,),
    services=(KeyStrings,),
    follows=("system",),
    running=(Section("key chain", chain_lines),),
)
