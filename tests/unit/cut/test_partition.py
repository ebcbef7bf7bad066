"""Who computes what, and what cannot be cut."""

from pathlib import Path

import pytest

from iosemu.lab import labfile
from iosemu.lab.capture import Capture
from iosemu.lab.cut.partition import distances, divide
from iosemu.lab.cut.weights import frames_of
from iosemu.lab.errors import LabError
from iosemu.lab.lab import Lab
from iosemu.lab.labfile import Topology

ROUTER = "{model: c2811, modules: {0/0: HWIC-2FE}}"
INFINITE = float("inf")


def topology(tmp_path: Path, nodes: dict[str, str], links: str) -> Topology:
    path = tmp_path / "lab.yaml"
    path.write_text(
        "name: many\nnodes:\n"
        + "".join(f"  {name}: {each}\n" for name, each in nodes.items())
        + "links:\n"
        + links
    )
    return labfile.read(path)


def chain(count: int) -> tuple[dict[str, str], str]:
    nodes = {f"R{n}": ROUTER for n in range(count)}
    return nodes, "".join(f'  - {{endpoints: ["R{n}:Fa0/0", "R{n + 1}:Fa0/1"]}}\n' for n in range(count - 1))


def test_a_chain_is_halved_in_the_middle(tmp_path: Path) -> None:
    found = divide(topology(tmp_path, *chain(10)), 2)
    assert len(found.cut) == 1
    assert sorted(list(found.of.values()).count(each) for each in (0, 1)) == [5, 5]


def test_any_number_of_workers_gets_about_as_much(tmp_path: Path) -> None:
    found = divide(topology(tmp_path, *chain(12)), 3)
    assert all(3 <= list(found.of.values()).count(each) <= 5 for each in range(3))
    assert len(found.cut) == 2


def test_long_cables_are_cut_first_and_busy_ones_last(tmp_path: Path) -> None:
    nodes = {f"R{n}": ROUTER for n in range(4)}
    ring = '  - {endpoints: ["R0:Fa0/0", "R1:Fa0/1"], delay: 20ms}\n' \
        '  - {endpoints: ["R1:Fa0/0", "R2:Fa0/1"]}\n' \
        '  - {endpoints: ["R2:Fa0/0", "R3:Fa0/1"], delay: 20ms}\n' \
        '  - {endpoints: ["R3:Fa0/0", "R0:Fa0/1"]}\n'  # fmt: skip
    lab = topology(tmp_path, nodes, ring)
    assert divide(lab, 2).cut == (0, 2)
    alike = topology(tmp_path, nodes, ring.replace("]}", "], delay: 20ms}"))
    assert divide(alike, 2, {0: 5000, 1: 1, 2: 5000, 3: 1}).cut == (1, 3)
    assert divide(alike, 2, {0: 1, 1: 5000, 2: 1, 3: 5000}).cut == (0, 2)


def test_what_passed_in_an_earlier_run_says_which_cables_are_busy(tmp_path: Path) -> None:
    lab = Lab.load(_ring(tmp_path), seed=1)
    lab.boot(settle=1)
    capture = Capture(lab, "cables")
    for name, line in (("R0", "ping 10.0.0.2 repeat 20"), ("R2", "ping 10.0.2.2 repeat 20")):
        session = lab.session(name, hidden=True)
        assert session is not None
        lab.clock.watch(session)
        session.start()
        session.receive(f"{line}\r".encode())
        lab.clock.advance_now(60, lambda session=session: not session.waiting)  # type: ignore[misc]
    capture.close()
    file = tmp_path / "traffic.pcapng"
    file.write_bytes(capture.read())
    frames = frames_of(lab.topology, file)
    assert frames[0] > 10 * frames.get(1, 0.0)
    assert frames[2] > 10 * frames.get(3, 0.0)
    assert divide(lab.topology, 2, frames).cut == (1, 3)
    with pytest.raises(LabError, match="has no frames of cables of lab other"):
        frames_of(labfile.read(_ring(tmp_path, "other", "X")), file)
    file.write_bytes(b"nothing of the kind")
    with pytest.raises(LabError, match="is no capture of a lab"):
        frames_of(lab.topology, file)
    with pytest.raises(LabError, match="cannot read"):
        frames_of(lab.topology, tmp_path / "nowhere")


def _ring(folder: Path, name: str = "ring", letter: str = "R") -> Path:
    """Four routers, each cable with a network of its own."""
    path = folder / f"{name}.yaml"
    nodes = "".join(
        f"  {letter}{n}:\n    model: c2811\n    startup: |\n      no cdp run\n"
        f"      interface FastEthernet0/0\n       ip address 10.0.{n}.1 255.255.255.0\n       no shutdown\n"
        f"      interface FastEthernet0/1\n       ip address 10.0.{(n - 1) % 4}.2 255.255.255.0\n       no shutdown\n"
        for n in range(4)
    )
    links = "".join(
        f'  - {{endpoints: ["{letter}{n}:Fa0/0", "{letter}{(n + 1) % 4}:Fa0/1"], delay: 5ms}}\n'
        for n in range(4)
    )
    path.write_text(f"name: {name}\nnodes:\n{nodes}links:\n{links}")
    return path


def test_the_file_says_who(tmp_path: Path) -> None:
    nodes, links = chain(4)
    nodes["R3"] = "{model: c2811, on: worker-1}"
    nodes["R0"] = "{model: c2811, on: worker-2}"
    found = divide(topology(tmp_path, nodes, links.replace("]}", "], on: worker-2}", 1)), 2)
    assert found.of["R3"] == 0
    assert found.of["R0"] == found.of["R1"] == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"R0": "{model: c2811, on: worker-3}"}, "R0: on: worker-3 is none of worker-1 to worker-2"),
        ({"R0": "{model: c2811, on: both}"}, "R0: on: both is none of worker-1 to worker-2"),
        ({f"R{n}": "{model: c2811, on: worker-1}" for n in range(4)}, "nothing is left for worker-2"),
    ],
)
def test_what_the_file_says_may_be_impossible(tmp_path: Path, change: dict[str, str], message: str) -> None:
    nodes, links = chain(4)
    with pytest.raises(LabError, match=message):
        divide(topology(tmp_path, {**nodes, **change}, links), 2)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("delay: 0ms", "has no delay"),
        ("delay: 1ms, jitter: 1ms", "varies by its whole delay"),
        ("delay: 1ms, reorder: 1%", "lets frames overtake"),
    ],
)
def test_a_cable_without_delay_is_not_cut(tmp_path: Path, fault: str, reason: str) -> None:
    nodes, links = chain(4)
    links = links.replace('"R2:Fa0/1"]', f'"R2:Fa0/1"], {fault}')
    found = divide(topology(tmp_path, nodes, links), 2)
    assert 1 not in found.cut
    pinned = {
        name: each.replace("{model", f"{{on: worker-{1 + (name > 'R1')}, model")
        for name, each in nodes.items()
    }
    with pytest.raises(
        LabError, match=f"from R1:FastEthernet0/0 to R2:FastEthernet0/1 {reason}.*Give it a delay"
    ):
        divide(topology(tmp_path, pinned, links), 2)


def test_too_few_devices_or_a_cable_that_leads_out(tmp_path: Path) -> None:
    lab = topology(tmp_path, *chain(3))
    with pytest.raises(LabError, match="3 devices are too few for 4 workers"):
        divide(lab, 4)
    with pytest.raises(LabError, match="2 to 64 parts"):
        divide(lab, 1)
    nodes, links = chain(3)
    out = links + '  - {endpoints: ["R0:Fa0/1", "udp:127.0.0.1:20000?listen=127.0.0.1:20001"]}\n'
    with pytest.raises(LabError, match="lead out"):
        divide(topology(tmp_path, nodes, out), 2)


def test_how_far_off_another_worker_is() -> None:
    hops = {0: [(1, 0.1)], 1: [(0, 0.1), (2, 0.2)], 2: [(1, 0.2)], 3: []}
    assert distances(4, hops, {2: 1.0}) == pytest.approx([1.3, 1.2, 1.0, INFINITE, 1.0])
    assert distances(1, {}, {}) == [INFINITE, INFINITE]
