"""Composition root: lab files become devices, links, a clock and servers; the iosemu command."""
