from pathlib import Path

import pytest
import yaml

from iosemu.lab import assessment, labfile
from iosemu.lab.errors import LabError
from iosemu.lab.lab import Lab
from iosemu.shell.loader import load

SOLUTION = """\
crypto isakmp policy 10
 encryption aes 256
 authentication pre-share
 group 2
crypto isakmp key {key} address {peer}
crypto ipsec transform-set TSET esp-aes esp-sha-hmac
access-list 101 permit ip 192.168.{here}.0 0.0.0.255 192.168.{there}.0 0.0.0.255
crypto map CMAP 10 ipsec-isakmp
 set peer {peer}
 match address 101
 set transform-set TSET
interface FastEthernet0/0
 crypto map CMAP
"""


def exercise() -> Lab:
    lab = Lab.load("ipsec-vpn-exercise", seed=1)
    lab.boot()
    return lab


def solve(lab: Lab, key_b: str = "TEST1", there_b: int = 1) -> None:
    load(lab["R-A"], lab.grammar, SOLUTION.format(key="TEST1", peer="10.0.10.20", here=1, there=2))
    load(lab["R-B"], lab.grammar, SOLUTION.format(key=key_b, peer="10.0.10.10", here=2, there=there_b))


def ping(lab: Lab, times: int = 2) -> None:
    for _ in range(times):
        session = lab.session("PC-A")
        assert session is not None
        session.run("ping 192.168.2.1")
        lab.clock.watch(session)
        lab.run_until(lambda session=session: not session.waiting, 60)
        lab.clock.unwatch(session)


def test_the_exercise_from_nothing_to_done() -> None:
    lab = exercise()
    assert lab.examiner is not None
    lines = list(lab.examiner(lab, ""))
    assert lines[0] == "[ ]  1  R-A has an ISAKMP policy with AES 256 and group 2 (10)"
    assert any(line.startswith("        Hint: crypto isakmp policy 10") for line in lines)
    assert any(line.startswith("        ヒント: ") for line in lines)
    assert "0 of 100 points" in lines
    assert "Pattern 1: nothing in show crypto isakmp sa, no IPsec yet" in lines
    assert "パターン1: 何も表示されない。IPsec 通信は行われていない" in lines
    solve(lab)
    lines = list(lab.examiner(lab, ""))
    assert "70 of 100 points" in lines
    ping(lab)
    lines = list(lab.examiner(lab, ""))
    assert "100 of 100 points" in lines
    assert "The tunnel works: packets pass encrypted" in lines
    assert list(lab.examiner(lab, "7")) == [
        "[x]  7  IKE phase 1 is up (15)",
        "        IKE フェーズ 1 が確立している",
        "15 of 15 points",
    ]


@pytest.mark.parametrize(
    ("mistake", "pattern"),
    [({"key_b": "WRONG"}, "Pattern 2: "), ({"there_b": 3}, "Pattern 3: ")],
)
def test_mistakes_are_named_by_their_pattern(mistake: dict[str, object], pattern: str) -> None:
    lab = exercise()
    solve(lab, **mistake)  # type: ignore[arg-type]
    ping(lab, 1)
    assert any(line.startswith(pattern) for line in assessment.report(lab)), list(assessment.report(lab))


def lab_with(tmp_path: Path, check: object) -> Path:
    data = {"name": "x", "nodes": {"R1": {"model": "c2911"}}, "checks": [check]}
    path = tmp_path / "lab.yaml"
    path.write_text(yaml.safe_dump(data))
    return path


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ({"title": "t", "check": "R1::show version"}, "device::command::regex"),
        ({"title": "t", "check": "R1::show version::("}, "is not a regular expression"),
        ({"title": "t", "check": "R9::show version::x"}, "there is no node 'R9'; there are: R1"),
        ({"title": "t"}, "give either check or transcript"),
        ({"title": {"fr": "t"}, "check": "R1::show version::x"}, r"checks\[0\].title"),
    ],
)
def test_faults_of_checks_say_where(tmp_path: Path, check: object, message: str) -> None:
    with pytest.raises(LabError, match=message) as caught:
        labfile.read(lab_with(tmp_path, check))
    assert str(caught.value).startswith(f"{tmp_path / 'lab.yaml'}:")


def test_must_not_match_and_commands_that_take_time(tmp_path: Path) -> None:
    lab = Lab.load(lab_with(tmp_path, {"title": "t", "check": "R1::show version::Catalyst::NO"}))
    lab.boot()
    assert next(iter(assessment.report(lab))) == "[x]  1  t (1)"
    with pytest.raises(LabError, match="there is no check 'z'; there are 1 to 1"):
        list(assessment.report(lab, "z"))
    with pytest.raises(LabError, match="needs lab time; check by a show command"):
        assessment.answer(lab, "R1", "ping 10.9.9.9")
    lab.stop("R1")
    assert assessment.answer(lab, "R1", "show version") == ""


def test_the_ikev2_lab_has_one_failure_to_find() -> None:
    lab = Lab.load("ikev2-site-to-site", seed=1)
    lab.boot()
    assert lab.examiner is not None
    lines = list(lab.examiner(lab, ""))
    assert "20 of 100 points" in lines
    assert "No IKE SA: the peers do not authenticate each other" in lines
    repair = "crypto ikev2 profile SITES\n match identity remote address 10.0.10.10 255.255.255.255\n"
    load(lab["R-B"], lab.grammar, repair)
    lab.run_until(lambda: "READY" in _said(lab, "R-A", "show crypto ikev2 sa"), 120)
    ping(lab)
    lines = list(lab.examiner(lab, ""))
    assert "100 of 100 points" in lines
    assert "The tunnel works: packets pass encrypted" in lines


def _said(lab: Lab, device: str, line: str) -> str:
    session = lab.session(device)
    assert session is not None
    session.run(line)
    return session.output().decode()


def test_the_lab_of_certificates_begins_without_any() -> None:
    lab = Lab.load("vpn-certificates", seed=1)
    lab.boot()
    assert lab.examiner is not None
    lines = list(lab.examiner(lab, ""))
    assert "0 of 100 points" in lines
    assert "There are no certificates yet" in lines
    repair = (
        "crypto pki certificate map SITES 10\n no subject-name co ou = vpn, o = exampel\n"
        " subject-name co ou = vpn, o = example\n"
    )
    load(lab["R-B"], lab.grammar, repair)
    assert "20 of 100 points" in list(lab.examiner(lab, ""))
