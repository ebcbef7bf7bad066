"""EtherChannel and LACP."""

from iosemu.box.subject import Fields, Section, Subject
from iosemu.subjects.etherchannel.config import ChannelMember, EtherChannelConfig
from iosemu.subjects.etherchannel.running_interface import SECTIONS
from iosemu.subjects.etherchannel.service import EtherChannels

SUBJECT = Subject(
    "etherchannel",
    config=(EtherChannelConfig,),
    services=(EtherChannels,),
    follows=("switchport", "interface"),
    running=(Section("port-channel", Fields(EtherChannelConfig)),),
    facets=(ChannelMember,),
    interface=SECTIONS,
)
