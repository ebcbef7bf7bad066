"""Shows of cef."""
