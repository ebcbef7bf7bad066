"""Verbs: what the commands do, one module per IOS subject."""
