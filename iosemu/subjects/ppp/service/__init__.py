"""PPP at work: on serial lines, and on whatever else brings frames."""

from iosemu.subjects.ppp.service.line import PppLine
from iosemu.subjects.ppp.service.lines import PppLines

__all__ = ["PppLine", "PppLines"]
