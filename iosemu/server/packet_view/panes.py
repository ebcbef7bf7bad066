"""The packet view as styled text for places of some width and height."""

from __future__ import annotations

import re

from iosemu.server.packet_view.model import EVENTS, PacketView, Row
from iosemu.subjects.sniffer.config import SnifferConfig
from iosemu.subjects.sniffer.service import Sniffer

Fragments = list[tuple[str, str]]
"""(style, text) pairs that make one line."""
WIDE = 120
"""Columns from which the decoded frame and its octets stand side by side."""
STYLES = {
    "title": "bg:#005f87 #ffffff bold",
    "title.on": "bg:#005f87 #87ff87 bold",
    "title.off": "bg:#005f87 #ffaf5f bold",
    "bar": "bg:#303030 #d0d0d0",
    "bar.key": "bg:#303030 #87d7ff bold",
    "bar.message": "bg:#303030 #ffd787 bold",
    "event.on": "#000000 bg:#87afaf",
    "event.off": "#808080",
    "event.cursor": "underline bold",
    "heading": "bold #87d7ff",
    "rule": "#5f8787",
    "rule.focus": "#ffd787 bold",
    "chosen": "reverse",
    "layer": "bold",
    "decrypted": "#87ff87",
    "marked": "reverse bold",
    "offset": "#8a8a8a",
    "isakmp": "#d7afff",
    "ipsec": "#ffaf87",
    "icmp": "#87d787",
    "arp": "#ffd787",
    "control": "#8a8a8a",
}
_COLOURS = {"ISAKMP": "isakmp", "IPSec": "ipsec", "ICMP": "icmp", "ARP": "arp"}
_CONTROL = ("STP", "DTP", "CDP", "LLDP", "LACP")


def _cut(text: str, width: int) -> str:
    """`text` in exactly `width` columns."""
    return text[: width - 1] + "…" if len(text) > width > 0 else text.ljust(width)


def _fit(parts: Fragments, width: int, style: str = "") -> Fragments:
    """The parts in exactly `width` columns."""
    row: Fragments = []
    for part_style, text in parts:
        row.append((part_style, text[:width]))
        width -= len(row[-1][1])
    return [*row, (style, " " * width)]


def title(view: PacketView, width: int) -> Fragments:
    """Whose view it is and what it does."""
    sniffer = view.sniffer
    on = sniffer.config.of(SnifferConfig).service
    state = "service on" if on else "service off"
    if view.paused:
        state = f"paused, {view.waiting} new"
    elif view.following:
        state += ", following"
    recorder = sniffer.service(Sniffer).recorder
    facts = [f"{len(view.rows)} of {view.total} frames", f"buffer {recorder.limit}"]
    if recorder.dropped and width >= 100:
        facts.append(f"{recorder.dropped} displaced")
    if view.decrypting:
        facts.append("decrypting")
    style = "class:title.on" if on and not view.paused else "class:title.off"
    parts = [
        ("class:title", f" {sniffer.hostname} "),
        (style, f"● {state} "),
        ("class:title", f" {'  '.join(facts)}"),
    ]
    return _fit(parts, width, "class:title")


def events(view: PacketView, width: int, cursor: int | None) -> list[tuple[str, str, int]]:
    """(style, text, index of the event or -1): which protocols are shown."""
    counts = view.counts
    parts: list[tuple[str, str, int]] = [("class:heading", " Events ", -1)]
    for index, event in enumerate(EVENTS):
        on = event not in view.hidden_events
        style = "class:event.on" if on else "class:event.off"
        if index == cursor:
            style += " class:event.cursor"
        label = f"{event} {counts[event]}" if width >= WIDE and counts[event] else event
        parts += [(style, f"{'' if on else '-'}{label}", index), ("", " ", -1)]
    return parts


def heading(width: int) -> Fragments:
    """Over the list."""
    return [("class:heading", _cut(_columns(width, "No.", "Time", "Port", "Source", "Destination", "Protocol", "Info"),
                                   width))]  # fmt: skip


def _columns(
    width: int, number: str, time: str, port: str, source: str, target: str, protocol: str, info: str
) -> str:
    if width >= WIDE:
        return f"{number:>7} {time:>14}  {port:<6} {source:<18} {target:<18} {protocol:<9} {info}"
    if width >= 76:
        return f"{number:>5} {time:>8} {source:<15} {target:<15} {protocol[:6]:<6} {info}"
    return f"{number:>5} {source:<15} {target:<15} {protocol[:7]:<7} {info}"


def _list_row(row: Row, width: int, chosen: bool) -> Fragments:
    summary = row.dissection.summary
    time = f"{row.captured.time:.6f}" if width >= WIDE else f"{row.captured.time:.2f}"
    info = summary.info
    if row.opened and width < WIDE:
        info = re.sub(r"^▸ \S+ → \S+ ", "▸ ", info[info.index("▸") :])
    text = _columns(width, str(row.number), time, row.captured.port, summary.source, summary.destination,
                    summary.protocol, info)  # fmt: skip
    colour = _COLOURS.get(row.event, "control" if row.event in _CONTROL else "")
    if row.opened:
        colour = "decrypted"
    style = f"class:{colour}" if colour else ""
    return [(f"{style} class:chosen" if chosen else style, _cut(text, width))]


def first_row(view: PacketView, height: int) -> int:
    """Index of the row at the top of a list of that height: the chosen one stays in sight."""
    return max(0, min(view.chosen - height // 2, len(view.rows) - height))


def packets(view: PacketView, width: int, height: int) -> list[Fragments]:
    """The list."""
    if not view.rows:
        text = "No frames yet" if not view.total else "No frame passes the filters"
        return [[("class:control", f" {text}")]]
    first = first_row(view, height)
    return [
        _list_row(view.rows[at], width, at == view.chosen)
        for at in range(first, min(first + height, len(view.rows)))
    ]


def first_line(view: PacketView, height: int) -> int:
    """Index of the line at the top of the decoded frame."""
    return max(0, min(view.line - height // 2, len(view.lines) - height))


def details(view: PacketView, width: int, height: int, focused: bool) -> list[Fragments]:
    """The chosen frame layer by layer."""
    first = first_line(view, height)
    rows: list[Fragments] = []
    for at, line in enumerate(view.lines[first : first + height], first):
        style = "class:layer" if line.title or at == 0 else ""
        if line.decrypted:
            style += " class:decrypted"
        if focused and at == view.line:
            style += " class:chosen"
        rows.append([(style, _cut(f" {line.text}", width))])
    return rows


def octets(view: PacketView, width: int, height: int) -> list[Fragments]:
    """The chosen frame's bytes, those of the line that is pointed at marked."""
    dump, lines = view.dump, view.lines
    line = lines[view.line] if view.line < len(lines) and view.line else None
    offset = max(0, min(view.bytes_offset, len(dump) - height))
    if line is not None and not offset:
        offset = _scroll_to(view, line.start, line.decrypted, height)
    rows: list[Fragments] = []
    for mark, at, chunk in dump[offset : offset + height]:
        if at < 0:
            rows.append([("class:decrypted class:layer", f" {mark}")])
            continue
        same = line is not None and line.decrypted == (mark == "+")
        rows.append(
            _hex_row(at, chunk, (line.start, line.end) if same and line is not None else (0, 0), mark == "+")
        )
    return rows


def _scroll_to(view: PacketView, start: int, decrypted: bool, height: int) -> int:
    dump = view.dump
    for index, (mark, at, _) in enumerate(dump):
        if at >= 0 and (mark == "+") == decrypted and at <= start < at + 16:
            return max(0, min(index - height // 2, len(dump) - height)) if index >= height else 0
    return 0


def _hex_row(at: int, chunk: bytes, marked: tuple[int, int], decrypted: bool) -> Fragments:
    plain = "class:decrypted" if decrypted else ""
    row: Fragments = [("class:offset", f" {at:04x}  ")]
    text: Fragments = []
    for index in range(16):
        if index >= len(chunk):
            row.append(("", "   "))
            continue
        octet = chunk[index]
        style = "class:marked" if marked[0] <= at + index < marked[1] else plain
        row += [(style, f"{octet:02x}"), ("", "  " if index == 7 else " ")]
        text.append((style, chr(octet) if 0x20 <= octet < 0x7F else "·"))
    if len(chunk) < 8:
        row.append(("", " "))
    return [*row, ("", " "), *text]


def rule(text: str, width: int, focused: bool) -> Fragments:
    """A line between panes, with a caption."""
    style = "class:rule.focus" if focused else "class:rule"
    return [(style, _cut(f"── {text} " + "─" * width, width)[: width - 1] + "─" if width else "")]


KEYS = (
    ("Tab", "pane"), ("/", "filter"), ("e", "events"), ("Space", "pause"), ("f", "follow"), ("d", "decrypt"),
    ("w", "save"), ("b", "buffer"), ("c", "clear"), ("s", "service"), ("?", "help"), ("q", "quit"),
)  # fmt: skip
_FEW = ("Tab", "/", "e", "Space", "f", "d", "w", "?", "q")


def footer(view: PacketView, width: int) -> Fragments:
    """What the last action said, or the keys."""
    if view.message:
        return [("class:bar.message", _cut(f" {view.message}", width))]
    parts: Fragments = []
    for key, what in KEYS:
        if width >= WIDE or key in _FEW:
            parts += [("class:bar.key", f" {key}"), ("class:bar", f" {what}")]
    return _fit(parts, width, "class:bar")


HELP = """\
 ↑ ↓ PgUp PgDn Home End  choose a frame, or move in the pane with the focus
 Tab                     next pane: list, decoded, bytes (mouse: click, wheel)
 /                       display filter; Enter sets it, Esc keeps the old one
 e                       events: ← → Space; a all, n none, o only this one
 Space  f                pause; follow the newest frame
 d                       decrypt ESP and ISAKMP with the lab's keys, or not
 b  c  s                 size of the buffer; empty it; service on or off
 w                       save what is shown to flash, as pcapng
 !  q                    plain prompt (`view` comes back here); quit

 Filters: icmp and host 192.168.1.1    isakmp or esp    not (stp or dtp)
          port 500    net 10.0.0.0/8    vlan 10    on port0    "echo"
          ip.ttl < 64    esp.spi == 0x1a2b    arp.operation == 1
"""
