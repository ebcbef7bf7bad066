"""Commands of vlan."""
