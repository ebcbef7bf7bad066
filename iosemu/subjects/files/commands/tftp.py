"""`ip tftp …`, `ip ftp …` and `tftp-server …`."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.filesystem import find
from iosemu.handling.passwords import make_password
from iosemu.subjects.files.config import FilesConfig, ServedFile


def source_interface(context: Context, interface: str = "") -> None:
    """`ip tftp source-interface X`."""
    context.device.config.of(FilesConfig).tftp_source = "" if context.off else interface


def block_size(context: Context, octets: int = 0) -> None:
    """`ip tftp blocksize N`."""
    context.device.config.of(FilesConfig).tftp_block = None if context.off else octets


def ftp_source_interface(context: Context, interface: str = "") -> None:
    """`ip ftp source-interface X`."""
    context.device.config.of(FilesConfig).ftp_source = "" if context.off else interface


def ftp_username(context: Context, name: str = "") -> None:
    """`ip ftp username NAME`."""
    context.device.config.of(FilesConfig).ftp_user = "" if context.off else name


def ftp_password(context: Context, encoding: str = "", value: str = "") -> None:
    """`ip ftp password [0 | 7] PASSWORD`."""
    made = None if context.off else make_password(context, "password", encoding, value)
    context.device.config.of(FilesConfig).ftp_password = made


def serve(context: Context, url: str, name: str = "", access_list: int | None = None) -> None:
    """`tftp-server URL [alias NAME] [ACCESS-LIST]`: a file of the box for others. CommandError when it is not there."""
    served = context.device.config.of(FilesConfig).served
    made = ServedFile(url, name, "" if access_list is None else str(access_list))
    for each in [each for each in served if (each.url, each.alias) == (url, name)]:
        served.remove(each)
    if context.off:
        return
    if not context.session.quiet:  # what was taken before is taken again
        find(context, url)
    served.append(made)
