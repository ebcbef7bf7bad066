"""`ip tftp …` and `tftp-server …`."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.filesystem import find
from iosemu.subjects.files.config import FilesConfig, ServedFile


def source_interface(context: Context, interface: str = "") -> None:
    """`ip tftp source-interface X`."""
    context.device.config.of(FilesConfig).tftp_source = "" if context.off else interface


def block_size(context: Context, octets: int = 0) -> None:
    """`ip tftp blocksize N`."""
    context.device.config.of(FilesConfig).tftp_block = None if context.off else octets


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
