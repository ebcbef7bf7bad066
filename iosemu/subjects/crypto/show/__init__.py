"""Shows of crypto."""
