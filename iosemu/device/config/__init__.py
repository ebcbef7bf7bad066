"""Typed configuration state, one module per IOS subject."""
