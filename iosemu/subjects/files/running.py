"""Lines about copies and files for others."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.files.config import FilesConfig


def tftp_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip tftp …`."""
    config = device.config.of(FilesConfig)
    if config.tftp_source:
        yield f"ip tftp source-interface {config.tftp_source}"
    if config.tftp_block is not None:
        yield f"ip tftp blocksize {config.tftp_block}"


def ftp_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip ftp …`."""
    config = device.config.of(FilesConfig)
    if config.ftp_source:
        yield f"ip ftp source-interface {config.ftp_source}"
    if config.ftp_user:
        yield f"ip ftp username {config.ftp_user}"
    if config.ftp_password is not None:
        stored = config.ftp_password
        yield f"ip ftp password {stored if stored.type else stored.value}"


def served_lines(device: Device, _render: Render) -> Iterator[str]:
    """`tftp-server …`."""
    for each in device.config.of(FilesConfig).served:
        words = (
            f"tftp-server {each.url}",
            f"alias {each.alias}" if each.alias else "",
            each.access_list,
        )
        yield " ".join(word for word in words if word)
