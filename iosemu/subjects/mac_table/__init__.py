"""The MAC address table."""

from iosemu.box.subject import Subject
from iosemu.subjects.mac_table.config import MacTableConfig
from iosemu.subjects.mac_table.service import StaticAddresses

SUBJECT = Subject("mac_table", config=(MacTableConfig,), services=(StaticAddresses,))
