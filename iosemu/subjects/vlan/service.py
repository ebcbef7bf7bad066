"""The VLAN database: kept in flash, whatever becomes of the configuration."""

from __future__ import annotations

from datetime import timedelta

from iosemu.box.device import Device
from iosemu.box.files import FileSystemError
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.bridging.vlans import VlanConfig
from iosemu.subjects.vlan import store
from iosemu.subjects.vlan.store import VLAN_DATABASE, Written


class VlanDatabase(Service):
    """Reads `vlan.dat` at power on, and writes it when VLANs or VTP settings are others than before."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._written = Written()
        self._unwritten = False
        """There was no room for the file."""

    def start(self) -> None:
        """The database comes from flash."""
        self.device.config.put(self._read())
        self._written.take(self.device.config.of(VlanConfig))

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
        config.revision += config.vtp_mode == "server"
        moment = device.origin + timedelta(seconds=device.now)
        config.modified = f"{moment.month}-{moment.day}-{moment:%y %H:%M:%S}"
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

    def interface_configured(self, interface: Interface) -> None:
        """A port may have been put into a VLAN that did not exist."""
        self.changed()
