"""The VLAN database: kept in flash, whatever becomes of the configuration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from iosemu.box.device import Device
from iosemu.box.files import FileSystemError
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.bridging.vlans import NOBODY, VlanConfig
from iosemu.ip.config import IpSettings
from iosemu.subjects.vlan import store
from iosemu.subjects.vlan.store import VLAN_DATABASE, Written


def updater_of(device: Device) -> tuple[Interface | None, str, str]:
    """The interface whose address names the box in VTP, the address, and how it was found."""
    found = [each for each in device.interfaces.of_kind("Vlan") if each.config.of(IpSettings).addresses]
    if found:
        lowest = min(found, key=lambda each: int(each.name.removeprefix("Vlan")))
        return lowest, str(lowest.config.of(IpSettings).addresses[0].ip), "lowest numbered VLAN interface"
    routed = (device.interfaces[name] for name in device.ports if name not in device.switch_ports)
    first = next((each for each in routed if each.config.of(IpSettings).addresses), None)
    address = str(first.config.of(IpSettings).addresses[0].ip) if first is not None else NOBODY
    return first, address, "first interface"


class VlanDatabase(Service):
    """Reads `vlan.dat` at power on, and writes it when VLANs or VTP settings are others than before."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._written = Written()
        self._unwritten = False
        """There was no room for the file."""
        self._domain = ""
        self._learned: tuple[int, str, str] | None = None
        self.stored: list[Callable[[], None]] = []
        """Who is told that the database is another one."""

    def start(self) -> None:
        """The database comes from flash."""
        self.device.config.put(self._read())
        self._written.take(self.device.config.of(VlanConfig))
        self._domain = self.device.config.of(VlanConfig).vtp_domain

    def learned(self, revision: int, updater: str, modified: str) -> None:
        """What is in the configuration now came by VTP: it keeps its revision."""
        self._learned = (revision, updater, modified)

    def _read(self) -> VlanConfig:
        stored = self.device.flash.get(VLAN_DATABASE)
        if stored is None:
            return VlanConfig()
        try:
            return store.load(stored)
        except ValueError:
            self.device.log("SW_VLAN", 4, "BAD_VLAN_CONFIGURATION_FILE", "VLAN configuration file is corrupt")
            return VlanConfig()

    def changed(self) -> None:
        """VLANs or VTP settings were edited."""
        self.device.soon(self._store)

    def _store(self) -> None:
        """Store what was edited, under a new revision where this switch is the VTP server."""
        device = self.device
        config = device.config.of(VlanConfig)
        if not self._written.take(config) and not self._unwritten:
            return
        learned, self._learned = self._learned, None
        if learned is not None:
            config.revision, config.updater, config.modified = learned
        else:
            if config.vtp_domain != self._domain or config.vtp_mode in ("transparent", "off"):
                config.revision = 0
            else:
                config.revision += config.vtp_mode == "server"
            moment = device.origin + timedelta(seconds=device.now)
            config.modified = f"{moment.month}-{moment.day}-{moment:%y %H:%M:%S}"
            config.updater = updater_of(device)[1]
        self._domain = config.vtp_domain
        try:
            device.flash[VLAN_DATABASE] = self._written.dump(config)
        except FileSystemError as error:
            text = (
                "VLAN manager encountered file operation error: "
                f"call = ifs_open/write / file = {error.place} / code = 28 ({error.reason}) / bytes transferred = 0"
            )
            device.log("SW_VLAN", 4, "IFS_FAILURE", text)
            self._unwritten = True
        else:
            self._unwritten = False
        for tell in self.stored:
            tell()

    def interface_configured(self, interface: Interface) -> None:
        """A port may have been put into a VLAN that did not exist."""
        self.changed()
