"""One package a subject."""
