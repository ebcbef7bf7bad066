"""IPv4 as a box runs it."""
