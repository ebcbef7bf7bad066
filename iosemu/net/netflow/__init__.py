"""NetFlow: a cache of flows, and who tells a collector of those that ended."""
