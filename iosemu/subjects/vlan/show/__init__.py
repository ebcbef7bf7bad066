"""Shows of vlan."""
