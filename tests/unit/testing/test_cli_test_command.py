from pathlib import Path
from xml.etree import ElementTree

from typer.testing import CliRunner

from iosemu.testing.cli import app_test

GOOD = "@lab ipsec-vpn\n@device PC-A\nC:\\>ipconfig\n...\n   IPv4 Address{{…}}: 192.168.1.1\n...\n"


def invoke(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app_test, ["test", *(str(argument) for argument in arguments)])
    return result.exit_code, result.output


def test_a_good_and_a_bad_transcript(tmp_path: Path) -> None:
    (tmp_path / "a.transcript").write_text(GOOD)
    (tmp_path / "b.transcript").write_text(GOOD.replace("192.168.1.1", "192.168.1.2"))
    report = tmp_path / "out" / "report.xml"
    code, output = invoke(tmp_path, "--direct", "--junit", report)
    assert code == 1
    assert "1 of 2 passed" in output
    assert "b.transcript:5: the device answered otherwise" in output
    suite = ElementTree.parse(report).getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")


def test_update_rewrites_the_file(tmp_path: Path) -> None:
    path = tmp_path / "b.transcript"
    path.write_text(GOOD.replace("192.168.1.1", "192.168.1.2"))
    code, output = invoke(path, "--direct", "--update")
    assert code == 0, output
    assert "updated" in output
    assert "   IPv4 Address{{…}}: 192.168.1.1\n" in path.read_text()
    assert invoke(path, "--direct")[0] == 0


def test_what_an_update_cannot_mend_is_told(tmp_path: Path) -> None:
    path = tmp_path / "b.transcript"
    path.write_text(GOOD.replace("192.168.1.1", "192.168.1.2") + "C:\\>ipconfig\nElse#never typed\n")
    code, output = invoke(path, "--direct", "--update")
    assert code == 1
    assert "updated" in output
    assert "this line is typed at another prompt" in output


def test_mistakes_are_told_without_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "x.transcript"
    assert invoke(tmp_path / "none") == (
        2,
        f"iosemu test: there is no file or directory {tmp_path / 'none'}\n",
    )
    assert invoke(tmp_path)[0] == 2
    path.write_text(GOOD)
    assert "-n many: give a number of processes, or auto" in invoke(path, "-n", "many")[1]
    path.write_text("@device R-A\n")
    assert f"{path}:1: names no lab" in invoke(path, "--direct")[1].replace("\n", "")
    path.write_text("@lab nowhere\n")
    assert "there is no lab and no file 'nowhere'" in invoke(path, "--direct")[1]
    path.write_text("@lab ipsec-vpn\n@device R-X\n")
    assert "the lab has no device 'R-X'; it has: R-A" in invoke(path, "--direct")[1]
    path.write_text("@lab ipsec-vpn\n@device R-A as nobody/x\n")
    assert "R-A refuses user 'nobody'" in invoke(path, "--direct")[1]
    path.write_text("@lab ipsec-vpn\n@link R-A:Fa9/9 down\n")
    assert "has no port 'Fa9/9'" in invoke(path, "--direct")[1]


def test_two_processes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.transcript").write_text(GOOD)
    code, output = invoke(tmp_path, "--direct", "-n", "2")
    assert code == 0, output
    assert "2 of 2 passed" in output
