"""The commands of OSPF."""
