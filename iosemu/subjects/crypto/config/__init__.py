"""Configuration of crypto."""
