"""Access lists in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.acl.config import AccessList, AclsConfig, ordered
from iosemu.subjects.acl.text import configuration_words


def named_lines(device: Device, render: Render) -> list[str]:
    """The named lists of the running configuration."""
    lines: list[str] = []
    for each in ordered(device.config.of(AclsConfig)):
        if each.numbered:
            continue
        lines.append(f"ip access-list {'extended' if each.extended else 'standard'} {each.name}")
        lines += [f" {line}" for line in _entry_lines(each, render)]
    return lines


def numbered_lines(device: Device, render: Render) -> list[str]:
    """The numbered lists of the running configuration."""
    lists = sorted(
        (each for each in device.config.of(AclsConfig).lists.values() if each.numbered), key=_number
    )
    return [f"access-list {each.name} {line}" for each in lists for line in _entry_lines(each, render)]


def _number(access_list: AccessList) -> int:
    return int(access_list.name)


def _entry_lines(access_list: AccessList, render: Render) -> Iterator[str]:
    for sequence, each in access_list.items.items():
        for text in access_list.remarks.get(sequence, ()):
            yield f"remark {text}"
        yield configuration_words(render, access_list, each)
    for text in access_list.remarks.get(AccessList.END, ()):
        yield f"remark {text}"
