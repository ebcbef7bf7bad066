"""The Tcl shell."""

from iosemu.box.subject import Subject

SUBJECT = Subject("tcl")
