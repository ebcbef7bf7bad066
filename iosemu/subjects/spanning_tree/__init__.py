"""Spanning tree."""

from iosemu.box.subject import Subject
from iosemu.subjects.spanning_tree.config import SpanningTreeConfig
from iosemu.subjects.spanning_tree.running_interface import SECTIONS
from iosemu.subjects.spanning_tree.service import SpanningTrees

SUBJECT = Subject(
    "spanning_tree", config=(SpanningTreeConfig,), services=(SpanningTrees,), interface=SECTIONS
)
