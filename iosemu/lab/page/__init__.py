"""The lab as its page in a browser shows it: where things stand, what changes, and what can be done."""

from iosemu.lab.page.api import PageApi
from iosemu.lab.page.page import LabPage, page_of

__all__ = ["LabPage", "PageApi", "page_of"]
