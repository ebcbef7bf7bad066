"""`show tcp tcb`: one connection, by where its control block lies."""

from __future__ import annotations

from iosemu.lab.lab import Lab


def typed(lab: Lab, node: str, line: str) -> list[str]:
    return [each for each in lab[node].commander("test").steps(line) if isinstance(each, str)]  # type: ignore[misc]


def test_one_connection_by_its_block() -> None:
    lab = Lab.load("tests/transcripts/bgp/lab.yaml", seed=1)
    lab.boot(settle=120.0)
    routers = [name for name, device in lab.devices.items() if device.kind == "router"]
    node = next(name for name in routers if len(typed(lab, name, "show tcp brief")) > 1)
    rows = [row.split() for row in typed(lab, node, "show tcp brief")[1:] if row.strip()]
    assert rows
    everything = "\n".join(typed(lab, node, "show tcp"))
    for block, local, remote, state in rows:
        shown = "\n".join(typed(lab, node, f"show tcp tcb {block}"))
        assert shown in everything
        assert shown.count("Stand-alone TCP connection") == 1
        assert f"Connection state is {state}" in shown
        assert f"Local host: {local.rpartition('.')[0]}, Local port: {local.rpartition('.')[2]}" in shown
        assert remote.rpartition(".")[0] in shown
    assert typed(lab, node, "show tcp tcb 0") == ["%TCB 00000000 not found"]
