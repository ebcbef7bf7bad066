"""The objects of a box, one module a MIB (or a few that belong together)."""
