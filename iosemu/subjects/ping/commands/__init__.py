"""Commands of ping."""
