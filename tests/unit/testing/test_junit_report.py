from pathlib import Path
from xml.etree import ElementTree

from iosemu.testing import junit
from iosemu.testing.report import Failure, Report


def test_the_xml_is_well_formed_and_counts() -> None:
    reports = [
        Report(Path("a/good.transcript"), seconds=0.5),
        Report(Path("a/bad.transcript"), [Failure(Path("a/bad.transcript"), 3, '<x> & \x1b "y"')]),
        Report(Path("b/broken.transcript"), error="b/broken.transcript:1: names no lab"),
    ]
    suite = ElementTree.fromstring(junit.to_xml(reports).encode())
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    cases = suite.findall("testcase")
    assert [case.get("classname") for case in cases] == ["a", "a", "b"]
    assert cases[0].find("failure") is None
    failure = cases[1].find("failure")
    assert failure is not None
    assert failure.text == 'a/bad.transcript:3: <x> & ? "y"'
    error = cases[2].find("error")
    assert error is not None
    assert error.get("message") == "b/broken.transcript:1: names no lab"
