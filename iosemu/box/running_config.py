"""The running configuration: the sections of a box's subjects, in the order of its kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.box.running_interface import Building, finished, interface_section, interface_sections
from iosemu.box.system import SystemConfig
from iosemu.box.timestamps import clock_text_plain, local_time

INTERFACES = "interface"
"""The section of the interfaces; the subjects' parts of it are `Subject.interface`."""


@dataclass(frozen=True)
class FreshBox:
    """What a box of one kind shows by itself."""

    lines: tuple[str, ...] = ()
    """Lines without behaviour; what is typed takes their places."""
    marks: tuple[str, ...] = ()
    """Sections that leave a `!` where they have nothing to say, or where the box does not have them."""


@dataclass(frozen=True)
class ListingStyle:
    """How an image's running configuration looks."""

    stem: ClassVar[str] = "running_config"
    dates: bool = True
    """`! Last configuration change at …` in the header."""
    last_mark: bool = False
    """A `!` stands before `end` whatever the last section is."""
    router: FreshBox = field(
        default_factory=lambda: FreshBox(
            (
                "boot-start-marker",
                "boot-end-marker",
                "ip cef",
                "no ipv6 cef",
                "multilink bundle-name authenticated",
                "redundancy",
                "ip forward-protocol nd",
                "no ip http server",
                "no ip http secure-server",
                "control-plane",
                "scheduler allocate 20000 1000",
            ),
            (
                "card type",
                *("ip dhcp excluded-address", "ip dhcp pool", "ip inspect", "ip ips"),
                "crypto pki token",
                "hw-module",
                *("controller", "ip ftp", "ip tftp"),
                *("l2tp-class", "pseudowire-class", "bridge irb", "bba-group", "connect"),
                *("ip sla", "ip prefix-list", "ipv6 ioam", "route-map"),
                *("mgcp profile", "gatekeeper"),
            ),
        )
    )
    switch: FreshBox = field(
        default_factory=lambda: FreshBox(
            (
                "boot-start-marker",
                "boot-end-marker",
                "system mtu routing 1500",
                "vlan internal allocation policy ascending",
                "ip http server",
                "ip http secure-server",
            ),
            (
                "ip dhcp snooping",
                *("lldp tlv-select", "class-map", "policy-map", "macro", "archive tar"),
                "ip sla",
            ),
        )
    )

    def fresh(self, device: Device) -> FreshBox:
        """What a box like `device` shows by itself."""
        found: FreshBox = getattr(self, device.composition.order.style)
        return found


def default_lines(device: Device) -> tuple[str, ...]:
    """The lines without behaviour that a fresh box of this kind and image shows by itself."""
    return device.image.style(ListingStyle).fresh(device).lines


def kept_lines(device: Device) -> dict[str, list[str]]:
    """The lines without behaviour, those typed and those of a fresh box, by the section they belong to."""
    found = {line.removeprefix("no "): line for line in default_lines(device)}
    for key, line in device.config.of(SystemConfig).kept.items():
        for default in [each for each in found if each.startswith(f"{key} ")]:
            del found[default]
        found[key] = line
    sections: dict[str, list[str]] = {}
    for key, line in found.items():
        name = device.composition.order.place_of(key)
        if name is not None and line:
            sections.setdefault(name, []).extend(line.split("\n"))
    return sections


def body(device: Device, render: Render) -> list[str]:
    """The configuration from its first `!` to `end`."""
    return finished(built(device, render))


def built(device: Device, render: Render) -> Building:
    """As `body`, in steps of a section or an interface."""
    kind = device.composition
    style = device.image.style(ListingStyle)
    marks = style.fresh(device).marks
    kept = kept_lines(device)
    rows = ["!"]
    if style.dates:
        dates = list(_dates(device))
        rows += [*dates, kind.order.after_dates] if dates and kind.order.after_dates else dates
    last: tuple[str, ...] = ()
    for place in kind.order.places:
        lines: list[str] = []
        for name in place:
            lines += yield from _section(device, render, name)
            lines += kept.get(name, ())
            yield
        while lines and lines[-1] == "!":
            lines.pop()
        if lines:
            rows += [*lines, "!"]
            last = place
        else:
            rows += ["!" for name in place if name in marks]
    if not style.last_mark and set(last).issubset(kind.order.last):
        rows.pop()
    return [*rows, "end"]


def section(device: Device, render: Render, name: str) -> list[str]:
    """The lines of one section, without those that have no behaviour; none where no subject has it."""
    return finished(_section(device, render, name))


def _section(device: Device, render: Render, name: str) -> Building:
    if name == INTERFACES:
        return (yield from interface_sections(device, render))
    found = device.composition.sections.get(name)
    return found.text(device, render) if found is not None else []


def _dates(device: Device) -> Iterator[str]:
    system = device.config.of(SystemConfig)
    for event, when, who in (
        ("Last configuration change at", system.changed_at, system.changed_by),
        ("NVRAM config last updated at", system.saved_at, system.saved_by),
    ):
        if when is not None:
            moment = clock_text_plain(local_time(device, when))
            yield f"! {event} {moment}{f' by {who}' if who else ''}"


def text_of(device: Device, render: Render) -> bytes:
    """The running configuration as it is stored: `body` with line ends."""
    return text(body(device, render))


def listing(rows: list[str]) -> list[str]:
    """What `show running-config` prints of a `body`."""
    return _listing(rows)


def interface_listing(device: Device, render: Render, name: str) -> list[str]:
    """What `show running-config interface NAME` prints."""
    return _listing(["!", *interface_section(device, render, name), "end"])


def _listing(rows: list[str]) -> list[str]:
    size = len(text(rows))
    return ["Building configuration...", "", f"Current configuration : {size} bytes", *rows, ""]


def text(rows: list[str]) -> bytes:
    """A `body` as it is stored."""
    return "".join(f"{row}\n" for row in rows).encode("utf-8", "replace")
