"""Bytes to keys to an edited line, and the bytes to echo; no I/O."""
