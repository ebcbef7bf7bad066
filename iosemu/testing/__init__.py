"""Transcripts, scenarios and the pytest plugin."""
