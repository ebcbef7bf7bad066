"""Debug output of crypto."""
