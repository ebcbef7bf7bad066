"""EtherChannel and LACP."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.etherchannel.config import ChannelMember, EtherChannelConfig
from iosemu.subjects.etherchannel.running import load_balance_lines
from iosemu.subjects.etherchannel.running_interface import SECTIONS
from iosemu.subjects.etherchannel.service import EtherChannels

SUBJECT = Subject(
    "etherchannel",
    config=(EtherChannelConfig,),
    services=(EtherChannels,),
    follows=("switchport", "interface"),
    running=(Section("port-channel", load_balance_lines),),
    facets=(ChannelMember,),
    interface=SECTIONS,
)
