"""The shows of OSPF."""
