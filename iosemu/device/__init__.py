"""Nouns: devices with their configuration, tables and datapath."""
