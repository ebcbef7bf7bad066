"""EIGRP at work on a box."""
