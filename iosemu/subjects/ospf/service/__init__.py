"""OSPF at work on a box."""
