"""Commands of crypto."""
