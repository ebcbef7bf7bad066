"""The HTTP server of a box: other subjects put what they have to tell at its paths."""

from iosemu.box.subject import Subject
from iosemu.ip.http import HttpServer

SUBJECT = Subject("http", services=(HttpServer,), follows=("kept",))
