"""What cutting a cable costs, in lab time."""

import pytest

from iosemu.lab.console import LabConsole
from iosemu.lab.convergence import Stopwatch
from iosemu.lab.errors import LabError
from iosemu.lab.lab import Lab
from iosemu.shell.loader import load
from iosemu.shell.session import Session

STATIC = {
    "R1": "ip route 192.168.2.0 255.255.255.0 10.0.12.2\nip route 192.168.2.0 255.255.255.0 10.0.13.3 200",
    "R2": "ip route 192.168.1.0 255.255.255.0 10.0.12.1\nip route 192.168.1.0 255.255.255.0 10.0.23.3 200",
    "R3": "ip route 192.168.1.0 255.255.255.0 10.0.13.1\nip route 192.168.2.0 255.255.255.0 10.0.23.2",
}
OSPF = "router ospf 1\nnetwork 0.0.0.0 255.255.255.255 area 0\ntimers throttle spf {start} 1000 5000"


def routers(name: str, texts: dict[str, str]) -> Lab:
    lab = Lab.load(name, seed=1)
    lab.boot()
    for device, text in texts.items():
        assert load(lab[device], lab.grammar, text) == []
    lab.advance(120)
    return lab


def measured(lab: Lab, within: float = 30.0) -> Stopwatch:
    watch = Stopwatch(lab, "PC1", "192.168.2.10", "R1:Fa0/0", within)
    lab.run_until(lambda: watch.finished, 120)
    return watch


@pytest.mark.parametrize("start", [1000, 4000])
def test_ospf_takes_what_its_timers_say(start: int) -> None:
    lab = routers("ospf-single-area", {name: OSPF.format(start=start) for name in ("R1", "R2", "R3")})
    result = measured(lab).result
    assert result is not None
    assert result.outage == pytest.approx(start / 1000, abs=0.2)
    assert result.lost == result.sent == pytest.approx(start / 100, abs=2)
    assert result.ended_by is not None
    assert "192.168." in result.ended_by.text
    assert "by ospf 1 via" in result.ended_by.text
    assert any("OSPF-5-ADJCHG" in each.text for each in result.events)
    assert f"ended by {result.ended_by.device}: {result.ended_by.text}" in str(result)


def test_a_floating_route_loses_nothing_where_the_carrier_goes() -> None:
    result = measured(routers("static-routes", STATIC)).result
    assert result is not None
    assert (result.lost, result.outage, result.ended_by) == (0, 0.0, None)
    assert "by static via 10.0.13.3, was by static via 10.0.12.2" in str(result)


def test_no_other_way_is_told() -> None:
    lab = routers("static-routes", {**STATIC, "R3": ""})
    watch = measured(lab, within=5)
    assert watch.result is not None
    assert watch.result.outage is None
    assert list(watch.report())[-1] == "no other way was found"


def test_what_cannot_be_measured_is_refused_and_nothing_is_cut() -> None:
    lab = routers("static-routes", {})
    watch = measured(lab)
    assert watch.error == "192.168.2.10 does not answer PC1 before the cut"
    assert lab.link("R1:Fa0/0").plugged
    for arguments in (
        ("PC9", "192.168.2.10", "R1:Fa0/0"),
        ("PC1", "nobody", "R1:Fa0/0"),
        ("PC1", "10.0.0.1", "R1:Fa9"),
    ):
        with pytest.raises(LabError):
            Stopwatch(lab, *arguments)


def test_the_lab_console_tells_it() -> None:
    lab = routers("static-routes", STATIC)
    console = LabConsole(lab, {}, terminal=True)
    session = Session(console, lab.grammar, origin="here", username="admin", privilege=15)
    session.run("converge PC1 192.168.2.10 R1:Fa0/0 within 20s")
    lab.clock.watch(session)
    lab.run_until(lambda: not session.waiting, 120)
    assert "nothing was lost" in session.output().decode()
    assert not lab.link("R1:Fa0/0").plugged
