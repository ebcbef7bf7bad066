"""Commands of lines."""
