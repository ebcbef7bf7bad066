"""Tech support."""
