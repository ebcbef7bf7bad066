"""The service of GDOI."""
