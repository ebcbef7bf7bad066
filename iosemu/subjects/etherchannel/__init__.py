"""EtherChannel and LACP."""

from iosemu.box.subject import InterfaceSection, Section, Subject
from iosemu.subjects.etherchannel.config import EtherChannelConfig
from iosemu.subjects.etherchannel.running import channel_group_lines, load_balance_lines
from iosemu.subjects.etherchannel.service import EtherChannels

SUBJECT = Subject(
    "etherchannel",
    config=(EtherChannelConfig,),
    services=(EtherChannels,),
    follows=("switchport", "interface"),
    running=(Section("port-channel", load_balance_lines),),
    interface=(InterfaceSection("channel-group", channel_group_lines),),
)
