"""The MAC address table."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.mac_table.config import MacTableConfig
from iosemu.subjects.mac_table.processes import process_rows
from iosemu.subjects.mac_table.running import mac_lines, module_lines
from iosemu.subjects.mac_table.service import StaticAddresses

SUBJECT = Subject(
    "mac_table",
    config=(MacTableConfig,),
    services=(StaticAddresses,),
    running=(Section("mac address-table", mac_lines), Section("mac-address-table", module_lines)),
    processes=process_rows,
)
