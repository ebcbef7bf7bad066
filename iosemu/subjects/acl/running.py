"""Access lists in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.acl.config import AccessList, AclsConfig, NetworkGroup, ServiceGroup, ordered
from iosemu.subjects.acl.reflexive import DEFAULT_TIMEOUT
from iosemu.subjects.acl.text import configuration_words, mac_words, service_words, time_range_words


def named_lines(device: Device, render: Render) -> list[str]:
    """The named lists of the running configuration."""
    acls = device.config.of(AclsConfig)
    lines = [f"ip access-list log-update threshold {acls.threshold}"] if acls.threshold else []
    for each in ordered(acls):
        if each.numbered:
            continue
        lines.append(f"ip access-list {'extended' if each.extended else 'standard'} {each.name}")
        lines += [f" {line}" for line in _entry_lines(each, render)]
    return lines


def reflexive_lines(device: Device, _render: Render) -> list[str]:
    """`ip reflexive-list timeout`."""
    seconds = device.config.of(AclsConfig).reflexive_timeout
    return [f"ip reflexive-list timeout {seconds}"] if seconds != DEFAULT_TIMEOUT else []


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


def group_lines(device: Device, render: Render) -> Iterator[str]:
    """The object groups; one within another stands before it."""
    acls = device.config.of(AclsConfig)
    told: set[str] = set()

    def network(group: NetworkGroup) -> Iterator[str]:
        if group.name in told or not group.defined:
            return
        told.add(group.name)
        for inner in group.groups.values():
            yield from network(inner)
        yield f"object-group network {group.name} "
        yield from (f" description {text}" for text in (group.description,) if text)
        yield from (f" {line}" for line in group.listing())
        yield "!"

    def service(group: ServiceGroup) -> Iterator[str]:
        if group.name in told or not group.defined:
            return
        told.add(group.name)
        for inner in group.groups.values():
            yield from service(inner)
        yield f"object-group service {group.name} "
        yield from (f" description {text}" for text in (group.description,) if text)
        yield from (f" {line}" for line in service_words(render, group))
        yield "!"

    for group in acls.networks.values():
        yield from network(group)
    for services in acls.services.values():
        yield from service(services)


def arp_lines(device: Device, render: Render) -> Iterator[str]:
    """The ARP access lists."""
    for each in device.config.of(AclsConfig).arp.values():
        yield f"arp access-list {each.name}"
        yield from (f" {render.spell('arp-entry', entry)}" for entry in each.entries)


def mac_lines(device: Device, render: Render) -> Iterator[str]:
    """The MAC access lists."""
    for each in device.config.of(AclsConfig).mac.values():
        yield f"mac access-list extended {each.name}"
        yield from (f" {mac_words(render, entry)}" for entry in each.entries)


def time_range_lines(device: Device, _render: Render) -> Iterator[str]:
    """The time ranges."""
    for each in device.config.of(AclsConfig).time_ranges.values():
        if each.defined:
            yield f"time-range {each.name}"
            yield from (f" {line}" for line in time_range_words(each))
            yield "!"
