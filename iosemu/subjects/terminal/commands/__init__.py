"""Commands of terminal."""
