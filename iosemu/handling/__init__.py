"""What the handler of a command sees."""
