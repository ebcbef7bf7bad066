import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

LAB = """\
name: course
nodes:
  R1:
    model: c2911
    startup: |
      hostname R1
      username admin privilege 15 password 0 admin
      ip domain-name lab
      line vty 0 4
       login local
       transport input ssh
checks:
  - title: R1 has an address
    check: 'R1::show ip interface brief::10\\.0\\.0\\.1 '
    points: 3
    hint: ip address 10.0.0.1 255.255.255.0
  - title: {en: A banner is shown, ja: バナーが出る}
    transcript: banner.transcript
    points: 7
stages:
  - title: Well done
    when: 'R1::show ip interface brief::10\\.0\\.0\\.1 '
  - title: At the beginning
"""
TRANSCRIPT = """\
@device R1
R1#show running-config | include ^banner
banner motd {{any}}
"""


def test_a_learner_s_way(up: Callable[..., Any], iosemu: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text(LAB)
    (tmp_path / "banner.transcript").write_text(TRANSCRIPT)
    lab = up(str(path))
    result = iosemu("check", path, "--live", state=lab.state)
    assert result.returncode == 1, result.stderr
    assert "[ ]  1  R1 has an address (3)\n        Hint: ip address" in result.stdout
    assert "[ ]  2  A banner is shown (7)" in result.stdout
    assert "banner.transcript:3: the device answered otherwise" in result.stdout
    assert "0 of 10 points\n\nAt the beginning" in result.stdout
    page = tmp_path / "result.html"
    result = iosemu("check", path, "--report", page, "--learner", "A <b> C", state=lab.state)
    assert (result.returncode, result.stdout) == (1, f"{page}: 0 of 10 points, 0 %\n")
    assert "R1: <code>show ip interface brief</code>" in page.read_text()
    assert "A &lt;b&gt; C" in page.read_text()
    assert "banner.transcript:3: the device answered otherwise" in page.read_text()
    commands = tmp_path / "commands"
    commands.write_text(
        "configure terminal\nbanner motd #Hello#\ninterface gi0/0\nip address 10.0.0.1 255.0.0.0\nend\n"
    )
    typed = iosemu("record", "R1", "-o", tmp_path / "x", "--commands", commands, state=lab.state)
    assert typed.returncode == 0, typed.stderr
    result = iosemu("check", path, "--live", state=lab.state)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "[x]  2  A banner is shown (7)" in result.stdout
    assert "10 of 10 points\n\nWell done" in result.stdout
    data = tmp_path / "result.json"
    result = iosemu("check", path, "--report", data, state=lab.state)
    assert result.returncode == 0, result.stderr
    found = json.loads(data.read_text())
    assert (found["lab"], found["reached"], found["total"], found["percent"]) == ("course", 10, 10, 100)
    assert [check["holds"] for check in found["checks"]] == [True, True]
    assert found["checks"][0]["conditions"][0]["command"] == "show ip interface brief"
    assert found["checks"][1]["title"]["ja"] == "バナーが出る"
    assert found["stage"]["en"] == "Well done"
    result = iosemu("check", path, "--report", tmp_path / "result.txt", state=lab.state)
    assert result.returncode == 2
    assert ".html or .json" in result.stderr.replace("\n", " ")


def test_labs_that_cannot_be_checked(
    up: Callable[..., Any], iosemu: Callable[..., Any], tmp_path: Path
) -> None:
    lab = up("ipsec-vpn")
    result = iosemu("check", "ipsec-vpn", "--live", state=lab.state)
    assert result.returncode == 1
    assert "lab ipsec-vpn has no checks" in result.stderr
    result = iosemu("check", "office", "--live", state=lab.state)
    assert "lab 'office' is not running; start one with: iosemu up" in result.stderr
