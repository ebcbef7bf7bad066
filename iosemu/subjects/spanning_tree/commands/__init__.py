"""Commands of spanning tree."""
