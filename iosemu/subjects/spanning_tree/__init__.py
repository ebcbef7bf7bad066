"""Spanning tree."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.spanning_tree.config import DEBUG_FLAGS, SpanningTreeConfig
from iosemu.subjects.spanning_tree.processes import process_rows
from iosemu.subjects.spanning_tree.running import tree_lines
from iosemu.subjects.spanning_tree.running_interface import SECTIONS
from iosemu.subjects.spanning_tree.service import SpanningTrees

SUBJECT = Subject(
    "spanning_tree",
    config=(SpanningTreeConfig,),
    services=(SpanningTrees,),
    running=(Section("spanning-tree", tree_lines),),
    interface=SECTIONS,
    processes=process_rows,
    debugging=DEBUG_FLAGS,
)
