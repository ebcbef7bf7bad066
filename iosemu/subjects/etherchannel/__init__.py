"""EtherChannel and LACP."""

from iosemu.box.subject import Fields, Section, Subject
from iosemu.subjects.etherchannel.config import ChannelLimits, ChannelMember, EtherChannelConfig
from iosemu.subjects.etherchannel.running_interface import SECTIONS, lacp_lines
from iosemu.subjects.etherchannel.service import EtherChannels

SUBJECT = Subject(
    "etherchannel",
    config=(EtherChannelConfig,),
    services=(EtherChannels,),
    follows=("switchport", "interface"),
    running=(
        Section("lacp", lacp_lines),
        Section("port-channel", Fields(EtherChannelConfig, ("load_balance",))),
    ),
    facets=(ChannelMember, ChannelLimits),
    interface=SECTIONS,
)
