"""Lines that are accepted, shown and saved, without behaviour."""

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import InterfaceSection, Subject
from iosemu.subjects.kept.config import KeptLines


def _kept(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    for _, line in sorted(config.of(KeptLines).lines.items()):
        yield f" {line}"


SUBJECT = Subject("kept", facets=(KeptLines,), interface=(InterfaceSection("kept", _kept),))
