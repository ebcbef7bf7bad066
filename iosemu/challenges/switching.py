"""Faults of cables' ports, VLANs and trunks."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.challenges.configuration import interfaces, matching
from iosemu.challenges.fault import Change, Fault, Healthy

_AREA = ("ports, VLANs and trunks", "ポート、VLAN、トランク")


def _shutdown(healthy: Healthy) -> Iterator[Change]:
    for name, text in healthy.texts():
        for port, block in interfaces(text):
            if port in healthy.cabled(name) and "shutdown" not in block.lines:
                head = f"interface {port}"
                yield Change(name, (head, "shutdown"), (head, "no shutdown"), head)


def _trunks(healthy: Healthy) -> Iterator[tuple[str, str, int, list[int]]]:
    """Device, port, native VLAN and allowed VLANs of the trunks."""
    for name, text in healthy.texts("switch"):
        for port, block in interfaces(text):
            if "switchport mode trunk" in block.lines and port in healthy.cabled(name):
                native = block.first(r"switchport trunk native vlan (\d+)")
                allowed = block.first(r"switchport trunk allowed vlan ([\d,]+)")
                vlans = [int(each) for each in allowed[1].split(",")] if allowed else []
                yield name, port, int(native[1]) if native else 1, vlans


def _native_vlan(healthy: Healthy) -> Iterator[Change]:
    for name, port, native, allowed in _trunks(healthy):
        head, line = f"interface {port}", "switchport trunk native vlan"
        for other in allowed:
            if other != native:
                yield Change(name, (head, f"{line} {other}"), (head, f"{line} {native}"), f"{head}: {line}")


def _allowed_vlan(healthy: Healthy) -> Iterator[Change]:
    for name, port, native, allowed in _trunks(healthy):
        head = f"interface {port}"
        for vlan in allowed:
            if vlan != native:
                yield Change(
                    name,
                    (head, f"switchport trunk allowed vlan remove {vlan}"),
                    (head, f"switchport trunk allowed vlan add {vlan}"),
                    f"{head}: switchport trunk allowed vlan",
                )


def _access_vlan(healthy: Healthy) -> Iterator[Change]:
    for name, text in healthy.texts("switch"):
        vlans = [found[1] for _, found in matching(text, r"vlan (\d+)")]
        for port, block in interfaces(text):
            found = block.first(r"switchport access vlan (\d+)")
            if found and port in healthy.cabled(name):
                head, line = f"interface {port}", "switchport access vlan"
                for other in [each for each in (*vlans, "1") if each != found[1]]:
                    yield Change(
                        name, (head, f"{line} {other}"), (head, f"{line} {found[1]}"), f"{head}: {line}"
                    )


def _missing_vlan(healthy: Healthy) -> Iterator[Change]:
    for name, text in healthy.texts("switch"):
        for block, found in matching(text, r"vlan (\d+)"):
            yield Change(name, (f"no vlan {found[1]}",), (block.head, *block.lines, "exit"), block.head)


def _access_mode(healthy: Healthy) -> Iterator[Change]:
    for name, port, _native, _allowed in _trunks(healthy):
        head = f"interface {port}"
        yield Change(
            name,
            (head, "switchport mode access"),
            (head, "switchport mode trunk"),
            f"{head}: switchport mode",
        )


def _subinterface_vlan(healthy: Healthy) -> Iterator[Change]:
    for name, text in healthy.texts("router"):
        for port, block in interfaces(text):
            found = block.first(r"encapsulation dot1Q (\d+)")
            address = block.first(r"ip address \S+ \S+")
            if found and address:
                head, line = f"interface {port}", "encapsulation dot1Q"
                group = [each for each in block.lines if each.startswith("ip access-group")]
                yield Change(
                    name,
                    (head, f"{line} {int(found[1]) + 100}", address[0], *group),
                    (head, f"{line} {found[1]}", address[0], *group),
                    f"{head}: {line}",
                )


def _duplex(healthy: Healthy) -> Iterator[Change]:
    for name, text in healthy.texts("router"):
        for port, block in interfaces(text):
            if "duplex auto" in block.lines and port in healthy.cabled(name):
                head = f"interface {port}"
                yield Change(name, (head, "duplex half"), (head, "duplex auto"), f"{head}: duplex")


FAULTS = (
    Fault(
        "shutdown-port",
        (
            "A port is shut down",
            "ポートがシャットダウンされている",
        ),
        _AREA,
        _shutdown,
    ),
    Fault(
        "native-vlan",
        (
            "The native VLAN of a trunk differs",
            "トランクのネイティブ VLAN が違う",
        ),
        _AREA,
        _native_vlan,
    ),
    Fault(
        "allowed-vlan",
        (
            "A trunk does not carry a VLAN",
            "トランクで VLAN が許可されていない",
        ),
        _AREA,
        _allowed_vlan,
    ),
    Fault(
        "access-vlan",
        (
            "A port is in the wrong VLAN",
            "ポートの所属 VLAN が違う",
        ),
        _AREA,
        _access_vlan,
    ),
    Fault(
        "missing-vlan",
        (
            "A switch does not know a VLAN",
            "スイッチに VLAN がない",
        ),
        _AREA,
        _missing_vlan,
    ),
    Fault(
        "trunk-mode",
        (
            "A trunk became an access port",
            "トランクがアクセスポートになっている",
        ),
        _AREA,
        _access_mode,
    ),
    Fault(
        "subinterface-vlan",
        (
            "A subinterface has the wrong VLAN",
            "サブインタフェースの VLAN が違う",
        ),
        _AREA,
        _subinterface_vlan,
    ),
    Fault(
        "duplex",
        (
            "One end of a cable is half duplex",
            "ケーブルの片端が半二重である",
        ),
        _AREA,
        _duplex,
    ),
)
