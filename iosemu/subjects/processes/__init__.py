"""Processes and memory."""

from iosemu.box.subject import Subject
from iosemu.subjects.processes.workload import process_rows

SUBJECT = Subject("processes", processes=process_rows)
