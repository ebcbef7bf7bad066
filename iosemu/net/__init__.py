"""The simulated network: event queue, links, bridging, spanning tree, ARP, routing, capture."""
